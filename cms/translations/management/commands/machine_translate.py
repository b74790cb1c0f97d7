from django.core.management.base import BaseCommand, CommandError

from cms.content.languages import site_languages
from cms.content.models import Publishable
from cms.publishing.exceptions import PublishingError
from cms.translations.counts import counted_models
from cms.translations.machine import machine_translate
from cms.translations.models import TextCount


class Command(BaseCommand):
    help = "Draft what is missing or outdated in a language by machine translation; people review it."

    def add_arguments(self, parser):
        parser.add_argument("language", choices=site_languages())
        parser.add_argument("--collection", help="only items of this collection, such as objectives")

    def handle(self, *args, language, collection, **options):
        models = [model for model in counted_models() if issubclass(model, Publishable)]
        chosen = [model for model in models if collection in (None, model.collection)]
        if not chosen:
            raise CommandError(f"There is no collection {collection!r}; there are {[m.collection for m in models]}.")
        try:
            done = sum(self.translate(model, language) for model in chosen)
        except PublishingError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"Drafted texts of {done} items.")

    def translate(self, model, language: str) -> int:
        counts = TextCount.objects.filter(language=language, working_missing__gt=0)
        counts |= TextCount.objects.filter(language=language, working_outdated__gt=0)
        items = model._base_manager.filter(pk__in=counts.values("object_id"))
        return sum(machine_translate(item=item, language=language, user=None) is not None for item in items)
