from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from cms.translations.counts import recount_all


class Command(BaseCommand):
    help = "Count anew how the texts of all items stand in each language, for worklists and figures."

    def handle(self, *args, **options):
        done = recount_all()
        self.stdout.write(
            ngettext("Counted the texts of %(count)d item.", "Counted the texts of %(count)d items.", done)
            % {"count": done}
        )
