"""``manage.py backup``: one file with everything, made while the site runs."""

from pathlib import Path

from django.core.management import BaseCommand, CommandError

from strategy_site.backups.archive import ArchiveError
from strategy_site.backups.checking import note, try_out
from strategy_site.backups.making import back_up, keep_newest

KEPT = 14


class Command(BaseCommand):
    help = (
        "Write every row of the database and every uploaded file, as they are at one moment, into one file in a "
        "folder, while people write. 'restore' puts it back on either database. It holds drafts, accounts and keys."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--keep", type=int, default=KEPT, metavar="N", help=f"newest backups to keep; {KEPT}")
        parser.add_argument(
            "--verify",
            action="store_true",
            help="restore it into a temporary folder and compare every row and file, before old ones are deleted",
        )

    def handle(self, *args, folder: Path, keep: int, verify: bool, **options) -> None:
        if keep < 1:
            raise CommandError("--keep is the number of backups to keep, 1 or more.")
        try:
            path = back_up(folder)
            size = path.stat().st_size
            if verify:
                try_out(path)
            note(path, size=size, is_checked=verify)
            deleted = keep_newest(folder, keep)
        except ArchiveError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename or folder}: {error.strerror}. No backup was made.") from error
        self.stdout.write(f"{path} ({size:,} bytes)" + (", restored and compared: no difference." if verify else "."))
        if deleted:
            self.stdout.write(f"Deleted: {len(deleted)} older than the newest {keep}.")
