"""``manage.py make_export``: make the bulk export of the content as it is now, for a clock such as cron."""

from django.core.management.base import BaseCommand

from cms.api.bulk import make_export


class Command(BaseCommand):
    help = "Makes the complete export that partners start their copies from. The site does the same when asked for it."

    def handle(self, **options):
        export = make_export()
        size = sum(file["size"] for file in export.files)
        self.stdout.write(f"{len(export.files)} files, {size} bytes, at change token {export.token}.")
