"""``manage.py prune_revisions``: delete old revisions that were never public."""

from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

from cms.publishing.models import Revision

CLOSED_UNPUBLISHED = (Revision.State.SUPERSEDED, Revision.State.DISCARDED)


class Command(BaseCommand):
    help = "Deletes revisions that were never public and are older than some days. Drafts and published ones stay."

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=365, help="keep those of the last DAYS days (default: 365)")
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *, days, dry_run, **options):
        old = Revision.objects.filter(
            state__in=CLOSED_UNPUBLISHED,
            published_at=None,
            created_at__lt=timezone.now() - timedelta(days=days),
            schedules=None,
            release_pins=None,
        )
        count = old.count() if dry_run else old.delete()[1].get(Revision._meta.label, 0)
        self.stdout.write(f"{count} revisions {'would be' if dry_run else 'were'} deleted.")
