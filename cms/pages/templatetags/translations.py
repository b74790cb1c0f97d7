"""What readers are told of translations: that a text is behind its source, or that a machine made it."""

from typing import Any

from django import template
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import get_language_info, override

from cms.content.languages import active_language
from cms.content.models import Publishable
from cms.content.noting import noted, row
from cms.content.substance import source_language
from cms.publishing.models import PartVersion
from cms.translations.models import TextCount

register = template.Library()


@register.inclusion_tag("includes/_translation_notices.html")
def translation_notices(item: Publishable) -> dict[str, Any]:
    """``{% translation_notices strategy %}``: what to say beside the title of ``item``, in the reader's language.

    That texts are outdated is said where the site's ``OUTDATED_NOTICE`` is on; what a machine made always says so
    (Regulation (EU) 2024/1689, article 50). One query, and another one where texts are outdated.
    """
    model: Any = type(item)
    with noted([row(model, item.pk)]):
        counts = TextCount.objects.filter(content_type=ContentType.objects.get_for_model(model), object_id=item.pk)
        count = counts.filter(language=active_language()).first()
        is_outdated = bool(count and count.live_outdated and settings.OUTDATED_NOTICE)
        return {
            "source": source_of(item) if is_outdated else None,
            "machine": bool(count and count.live_machine),
        }


def source_of(item: Publishable) -> dict[str, Any]:
    """Return language, address and date of the text that ``item`` is translated from."""
    model: Any = type(item)
    name = model.schema.source_language
    language = source_language(model, {"fields": {name: getattr(item, name)}} if name else None)
    live = PartVersion.objects.of(item).live().filter(part=language)
    with override(language):
        address = item.get_absolute_url()
    return {
        "language": language,
        "in_words": get_language_info(language)["name_translated"],
        "url": address,
        "published_at": live.values_list("publication__published_at", flat=True).first(),
    }
