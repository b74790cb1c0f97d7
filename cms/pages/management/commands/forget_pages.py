"""``manage.py forget_pages``: have every stored page made anew, after content was changed past the application."""

from django.core.management import BaseCommand

from cms.pages.stored.touches import forget_all


class Command(BaseCommand):
    help = "Have every stored page made anew, after content was changed past the application."

    def handle(self, *args, **options) -> None:
        forget_all()
        self.stdout.write("All stored pages are made anew from now on.")
