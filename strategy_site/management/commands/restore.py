"""``manage.py restore``: put a backup back onto an empty site, of either database."""

from pathlib import Path

from django.core.management import BaseCommand, CommandError

from strategy_site.backups.archive import Archive, ArchiveError, has_key_of
from strategy_site.backups.restoring import restore

OTHER_KEY = (
    "SECRET_KEY is another one than the backup's, and what the old one protected is lost: everybody logs in again, "
    "shared preview links and links to set a password no longer work, second factors are set up anew. Content, "
    "accounts with their passwords, and keys of the API are whole. With the old key in SECRET_KEY or "
    "SECRET_KEY_FALLBACKS nothing is lost."
)


class Command(BaseCommand):
    help = (
        "Put a backup back onto an empty site: every row and file is written, compared with the archive, and undone "
        "where anything differs. SQLite and PostgreSQL read each other's. Partners' copies start over."
    )
    requires_system_checks = ()

    def add_arguments(self, parser) -> None:
        parser.add_argument("archive", type=Path, metavar="ARCHIVE")

    def handle(self, *args, archive: Path, **options) -> None:
        try:
            with Archive(archive) as opened:
                if not has_key_of(opened.manifest):
                    self.stdout.write(self.style.WARNING(OTHER_KEY))
                restore(opened, self.say)
        except ArchiveError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename or archive}: {error.strerror}. Nothing was restored.") from error
        self.stdout.write("Restored and compared: no difference. Start the site, and run 'manage.py doctor'.")

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
