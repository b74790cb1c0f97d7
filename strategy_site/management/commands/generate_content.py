"""``manage.py generate_content``: content in any quantity, to see and measure the site at that size."""

import argparse
import time

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db.models import ProtectedError

from cms.search import index
from strategy_site.generated.content import delete_generated, generate
from strategy_site.statistics import refresh_statistics

LARGEST = 1_000


def scale(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LARGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {LARGEST:,}")
    return int(text)


class Command(BaseCommand):
    help = (
        "Make live content in all languages, N times as much as comes with the project. What is there already is "
        "not made again. Its slugs start with 'generated-'."
    )

    def add_arguments(self, parser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--scale", type=scale, metavar="N", help=f"from 1 to {LARGEST:,}")
        what.add_argument("--delete", action="store_true", help="delete all generated content")
        parser.add_argument("--force", action="store_true", help="do it on a production site")

    def handle(self, *args, delete: bool, force: bool, **options) -> None:
        if settings.PRODUCTION and not delete and not force:
            raise CommandError("This would publish generated texts on a production site; --force does it anyway.")
        self.started = time.monotonic()
        if delete:
            try:
                rows = delete_generated(lambda name, rows: self.report(f"{rows:,} rows deleted ({name})"))
            except ProtectedError as error:
                raise CommandError(
                    f"Content of the site's own refers to generated content and was kept: {error.args[0]}"
                ) from None
            self.finish(rows, "deleted")
        else:
            total = options["scale"]
            rows = generate(total, lambda unit, rows: self.report(f"{unit:,} of {total:,} units, {rows:,} rows"))
            self.finish(rows, "written")

    def report(self, text: str) -> None:
        """Show progress on one line of a terminal; a log file gets the last line only."""
        if self.stdout.isatty():
            self.stdout.write(f"\r{text}\033[K", ending="")
            self.stdout.flush()

    def finish(self, rows: int, what: str) -> None:
        if rows:
            index.rebuild(
                lambda model, done, total: self.report(
                    f"{done:,} of {total:,} {model._meta.verbose_name_plural} in the search index"
                ),
                changed_only=True,
            )
            refresh_statistics()
        seconds = time.monotonic() - self.started
        if self.stdout.isatty():
            self.stdout.write("\r\033[K", ending="")
        if rows:
            self.stdout.write(f"{rows:,} rows {what} in {seconds:.1f} s ({rows / seconds:,.0f} a second).")
        else:
            self.stdout.write(f"Nothing to do: no rows {what}.")
