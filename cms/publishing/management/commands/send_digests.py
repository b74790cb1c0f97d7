"""``manage.py send_digests``: send the mail of the day to who wants one mail a day, for a clock such as cron."""

from django.core.management.base import BaseCommand

from cms.publishing.digests import send_digests


class Command(BaseCommand):
    help = (
        "Sends what waits for people who want one mail a day about their work. Run again on the same day, it sends "
        "what failed before."
    )

    def handle(self, **options):
        self.stdout.write(f"{send_digests()} mails of the day were sent.")
