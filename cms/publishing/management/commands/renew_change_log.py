"""``manage.py renew_change_log``: after the database was put back from a backup, have copies start over."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from cms.publishing.log_mark import begin_another_log
from cms.publishing.models import ChangeLogHead
from cms.publishing.tokens import change_token


class Command(BaseCommand):
    help = (
        "Gives the change log another identity and empties the cache. For after a backup was put back: partners' "
        "copies start over from an export, instead of missing what was undone, and nothing is answered from before."
    )

    def handle(self, **options):
        try:
            with transaction.atomic():
                begin_another_log(ChangeLogHead.locked())
        except OSError as error:
            message = f"The cache could not be emptied, so this must be run again. {error}"
            raise CommandError(message) from None
        self.stdout.write(f"Copies start over; the change token is {change_token(ChangeLogHead.current())} now.")
