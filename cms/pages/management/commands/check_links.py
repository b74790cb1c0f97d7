"""``manage.py check_links``: list the links in live texts that lead nowhere."""

from typing import Any

from django.core.management import BaseCommand, CommandError

from cms.pages.checking import Broken, broken_inside, broken_outside
from cms.publishing.links import WrittenLink, live_links


class Command(BaseCommand):
    help = (
        "List the links in live texts that lead to what is gone or not public on this site; with --external also those"
        " to other sites that do not answer. Ends with 1 where there are any."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--external", action="store_true", help="ask other sites too")
        parser.add_argument("--most", type=int, default=1_000, help="addresses of other sites to ask for (1000)")
        parser.add_argument("--seconds", type=float, default=600, help="after which no other site is asked (600)")

    def handle(self, *args: Any, **options: Any) -> None:
        links = list(live_links())
        broken = list(broken_inside(links))
        if options["external"]:
            broken += self.outside(links, options)
        for each in broken:
            self.stdout.write(self.line(each))
        if broken:
            raise CommandError(f"{len(broken)} of {len(links)} links are broken.")
        self.stdout.write(f"None of {len(links)} links is broken.")

    def outside(self, links: list[WrittenLink], options: dict) -> list[Broken]:
        """Return the broken links to other sites, and say how many could not be asked for."""
        found = broken_outside((link.href for link in links), most=options["most"], seconds=options["seconds"])
        self.stdout.write(
            f"Other sites: {found.asked} addresses asked for; {found.refused} let no program read them,"
            f" {found.left} were left out."
        )
        return [Broken(link, found.broken[link.href]) for link in links if link.href in found.broken]

    def line(self, broken: Broken) -> str:
        (model, key), column = broken.link.source, broken.link.column
        item = model._base_manager.filter(pk=key).first()
        return f"{model._meta.label_lower} “{item}” ({key}), {column.name}: {broken.link.href}: {broken.reason}"
