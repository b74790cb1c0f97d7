"""What the header and footer of every public page show."""

from django.http import HttpRequest
from django.utils.functional import cached_property

from cms.pages.kept import kept
from priorities.models import Pillar
from regions.models import Organization


class Site:
    """The publisher and its pillars, read when a template asks for them: the admin never does."""

    def __init__(self, request: HttpRequest):
        self.request = request

    @cached_property
    def organization(self) -> Organization | None:
        """The publisher; ``None`` before there is a live one."""
        return kept(self.request, "organization", lambda: Organization.objects.live().first())

    @cached_property
    def pillars(self) -> list[Pillar]:
        """The live pillars in their order."""
        return kept(self.request, "pillars", lambda: list(Pillar.objects.live()))


def site(request: HttpRequest) -> dict:
    """Give templates ``site``."""
    return {"site": Site(request)}
