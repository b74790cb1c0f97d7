"""What the words of a citation are made of."""

from django import template
from django.utils.translation import gettext as _

from cms.publishing.history import Version
from priorities.citations import year_of_work
from priorities.models import Strategy

register = template.Library()


@register.filter
def year_of_work_in(strategy: Strategy, version: Version) -> int | str:
    """Return the year from which a work is, or what stands in its place where none is known."""
    return year_of_work(strategy, version.published_at) or _("n.d.")
