"""``manage.py rebuild_search``: make the search index anew from the content, or hold it against the content."""

import time
from itertools import islice

from django.core.management.base import BaseCommand, CommandError

from cms.search import backends, index

MOST_NAMED = 50  # differences


class Command(BaseCommand):
    help = (
        "Makes the search index anew from the live content, a part at a time, while the site runs. With --check it "
        "changes nothing, names what differs between index and content, and exits with 1 where something does."
    )

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="only compare the index with the content")

    def handle(self, *, check: bool, verbosity: int, **options):
        self.verbosity = verbosity
        self.started = self.shown = time.monotonic()
        if check:
            self.check_index()
            return
        written = index.rebuild(self.progress)
        if self.verbosity:
            seconds = time.monotonic() - self.started
            self.stdout.write(self.style.SUCCESS(f"{written:,} entries written in {seconds:.1f} s."))

    def check_index(self) -> None:
        damage = backends.check_storage()
        found = index.differences()
        named = list(islice(found, MOST_NAMED))
        if damage:
            self.stdout.write(f"The database's own index does not match its entries: {damage}")
        for difference, label, key, language in named:
            self.stdout.write(f"{difference}: {label} {key} ({language})")
        count = len(named) + sum(1 for _difference in found)
        if count > len(named):
            self.stdout.write(f"... and {count - len(named):,} more.")
        if damage or count:
            raise CommandError(
                f"The search index differs from the content in {count:,} entries. "
                "Run manage.py rebuild_search to make it anew."
            )
        if self.verbosity:
            self.stdout.write(self.style.SUCCESS("The search index is in step with the content."))

    def progress(self, model, done: int, total: int) -> None:
        """Show how far it is: on a terminal in one line, with --verbosity 2 in a line a second."""
        now = time.monotonic()
        on_terminal = self.verbosity == 1 and self.stderr.isatty()
        if not (on_terminal or self.verbosity > 1) or (now - self.shown < 1 and done != total):
            return
        self.shown = now
        text = f"{model._meta.verbose_name_plural}: {done:,} of {total:,} items, {now - self.started:.0f} s"
        if on_terminal:
            self.stderr.write(f"\r{text}\033[K", style_func=str, ending="\n" if done == total else "")
        else:
            self.stderr.write(text, style_func=str)
