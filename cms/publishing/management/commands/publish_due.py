"""``manage.py publish_due``: apply scheduled changes that are due, for a clock such as cron."""

from django.core.management.base import BaseCommand

from cms.publishing.actions import publish_due


class Command(BaseCommand):
    help = (
        "Publishes and withdraws what was scheduled for now or earlier. Visitors cause the same; this is for a clock."
    )

    def handle(self, **options):
        self.stdout.write(f"{publish_due()} scheduled changes applied.")
