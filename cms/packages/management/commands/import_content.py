import signal
import sys
import time
from contextlib import contextmanager

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cms.packages.describing import describe
from cms.packages.importing import import_package
from cms.packages.problems import PackageError


class Command(BaseCommand):
    help = "Imports content packages (docs/content-packages.md): all of it, or nothing when there is an error."

    def add_arguments(self, parser):
        parser.add_argument(
            "paths",
            nargs="+",
            metavar="path",
            help="a .yaml or .json file, or a folder with such files; together they are one package",
        )
        parser.add_argument(
            "--publish",
            action="store_true",
            help="make everything public at once; without it, items become drafts that are published in the admin",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def handle(self, *args, **options):
        self.verbosity = options["verbosity"]
        self.started = self.shown = time.monotonic()
        report = self.report if options["dry_run"] or self.verbosity > 1 else None
        try:
            with interruptible():
                counts = import_package(
                    options["paths"],
                    publish=options["publish"],
                    dry_run=options["dry_run"],
                    progress=self.progress,
                    report=report,
                    tell=self.stdout.write if self.verbosity else None,
                )
        except PackageError as error:
            raise CommandError(str(error)) from error
        if self.verbosity:
            self.summarize(counts, dry_run=options["dry_run"])
            if not options["publish"] and any(count.created or count.changed for count in counts.values()):
                self.stdout.write(_("They are drafts: publish them in the admin, or import with --publish."))

    def report(self, plan) -> None:
        self.stdout.write(describe(plan))

    def progress(self, step: str, done: int, total: int) -> None:
        """Show how far a long import is: on a terminal in one line, with --verbosity 2 in a line a second."""
        now = time.monotonic()
        on_terminal = self.verbosity == 1 and self.stderr.isatty()
        if not on_terminal and self.verbosity < 2 or now - self.shown < 1 and done != total:
            return
        if on_terminal and now - self.started < 1:
            return  # too short to be worth a line
        self.shown = now
        steps = {"read": _("Read"), "check": _("Checked"), "write": _("Written")}
        message = _("%(step)s: %(done)s of %(total)s items, %(seconds)d s") % {
            "step": steps[step],
            "done": f"{done:,}",
            "total": f"{total:,}" if total else "…",
            "seconds": now - self.started,
        }
        if on_terminal:
            self.stderr.write(f"\r{message}\033[K", style_func=str, ending="\n" if done == total else "")
        else:
            self.stderr.write(message, style_func=str)

    def summarize(self, counts: dict, *, dry_run: bool) -> None:
        if not counts:
            self.stdout.write(_("The package has no items."))
        for name, count in counts.items():
            self.stdout.write(
                _("%(collection)s: %(created)d created, %(changed)d changed, %(unchanged)d unchanged")
                % {
                    "collection": name,
                    "created": count.created,
                    "changed": count.changed,
                    "unchanged": count.unchanged,
                }
            )
        changes = sum(count.created + count.changed for count in counts.values())
        if dry_run:
            message = ngettext(
                "Dry run: %(count)d change, not made.", "Dry run: %(count)d changes, not made.", changes
            )
        else:
            message = ngettext("%(count)d change.", "%(count)d changes.", changes)
        self.stdout.write(self.style.SUCCESS(message % {"count": changes}))


@contextmanager
def interruptible():
    """Let a request to terminate take the same way out as Ctrl+C, through everything that has to be undone."""

    def stop(number, frame):
        sys.exit(128 + number)

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not in the main thread, which is the only one that gets signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
