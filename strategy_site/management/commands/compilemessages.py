"""``manage.py compilemessages`` in Python: Django's own needs GNU gettext, which a fresh machine does not have."""

from django.core.management import BaseCommand

from strategy_site.setup import compile_translations


class Command(BaseCommand):
    help = "Compile the interface's translations that have changed."
    requires_system_checks = ()

    def handle(self, *args, **options) -> None:
        for source in compile_translations():
            self.stdout.write(f"Compiled the translations of {source.parent.parent.name}.")
