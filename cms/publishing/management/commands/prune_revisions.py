"""``manage.py prune_revisions``: delete old drafts that were never public."""

from datetime import timedelta

from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cms.publishing.models import PartVersion, Revision

CLOSED_UNPUBLISHED = (PartVersion.State.SUPERSEDED, PartVersion.State.DISCARDED)


class Command(BaseCommand):
    help = (
        "Deletes revisions that were never public and are older than some days. Drafts, what waits in releases and "
        "schedules, and what was published stay."
    )

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=365, help="keep those of the last DAYS days (default: 365)")
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *, days, dry_run, **options):
        with transaction.atomic():
            found = prunable(timezone.now() - timedelta(days=days))
            count = found.count() if dry_run else found.delete()[1].get(Revision._meta.label, 0)
        self.stdout.write(f"{count} revisions {'would be' if dry_run else 'were'} deleted.")


def prunable(before):
    """Return the revisions saved ``before`` a time of which no version is, was or may become public, nobody was sent a
    preview link, and that are not the newest of their item."""
    versions = PartVersion.objects.filter(revision=OuterRef("pk"))
    needed = versions.filter(~Q(state__in=CLOSED_UNPUBLISHED) | Q(pins__isnull=False))
    newer = Revision.objects.filter(
        content_type=OuterRef("content_type"), object_id=OuterRef("object_id"), number__gt=OuterRef("number")
    )
    old = Revision.objects.filter(Exists(newer), created_at__lt=before, preview_links=None)
    return old.exclude(Exists(needed))
