"""``manage.py deliver_webhooks``: tell partners' systems what changed, for a clock such as cron."""

from django.core.management.base import BaseCommand

from cms.webhooks.queue import deliver_due


class Command(BaseCommand):
    help = (
        "Sends the webhooks that are due, new ones and those to be tried again. The site does the same beside its "
        "requests; this is for a clock."
    )

    def handle(self, **options):
        outcomes = deliver_due()
        self.stdout.write(f"{outcomes['delivered']} delivered, {outcomes['failed']} failed.")
