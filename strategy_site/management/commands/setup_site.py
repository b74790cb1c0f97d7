"""``manage.py setup_site``: everything between a checkout and a site that can be served."""

from pathlib import Path

from django.conf import settings
from django.core.checks import Error, run_checks
from django.core.management import BaseCommand, CommandError, call_command
from django.utils.translation.reloader import translation_file_changed

from cms.publishing.log_mark import renew_if_it_went_back
from cms.publishing.models import content_state
from strategy_site import setup
from strategy_site.checks import development_notice
from strategy_site.exclusive import exclusively
from strategy_site.statistics import refresh_statistics


class Command(BaseCommand):
    help = (
        "Compile the translations, migrate the database and collect the static files; in development also load "
        "the shipped content and create an administrator, once. Run again, it does only what is missing."
    )
    requires_system_checks = ()  # serious ones stop it below; the notice of development is printed once

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--content",
            nargs="+",
            type=Path,
            metavar="PACKAGE",
            help="content packages for a site that holds nothing yet (default in development: those in fixtures/)",
        )
        parser.add_argument(
            "--administrator",
            action="store_true",
            default=not settings.PRODUCTION,
            help="create an administrator when there is none, and print the password (default in development)",
        )

    def handle(self, *args, content: list[Path] | None, administrator: bool, **options) -> None:
        for path in content or []:
            if not path.exists():
                raise CommandError(f"There is no content package at {path}.")
        self.check_settings()
        if notice := development_notice():
            self.stdout.write(notice)
        try:
            call_command("compilemessages", stdout=self.stdout)
        except PermissionError as error:
            raise CommandError(
                f"The translations cannot be compiled: {error.filename} cannot be written. "
                "Run 'manage.py compilemessages' once as the owner of the checkout."
            ) from None
        translation_file_changed(None, Path("django.mo"))  # the search indexes words that were read before as English
        self.say("Preparing the static files.")
        setup.collect_static()
        self.say("Preparing the database.")
        with exclusively("migrate"):  # machines that start at once wait for the first
            self.prepare_database(content or ([] if settings.PRODUCTION else setup.shipped_content()))
            if administrator:
                setup.create_administrator(self.announce)

    def prepare_database(self, packages: list[Path]) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if renew_if_it_went_back(content_state()):
            self.say("The database was put back from a backup: partners' copies of the content start over.")
        if packages and not setup.has_content():
            self.say(f"Loading the content of {', '.join(path.name for path in packages)}.")
            setup.load_content(packages)
        refresh_statistics()

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def check_settings(self) -> None:
        errors = [message for message in run_checks() if message.level >= Error("").level]
        if errors:
            raise CommandError("\n".join(map(str, errors)))

    def announce(self, name: str, password: str) -> None:
        self.say(
            "\n"
            "The first administrator, shown this once:\n"
            f"  name      {name}\n"
            f"  password  {password}\n"
            "To set another password: .venv/bin/python manage.py changepassword " + name
        )
