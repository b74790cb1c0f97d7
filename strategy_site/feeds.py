"""The Atom feeds of the site: of everything, and of each region."""

from functools import cached_property

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from cms.pages.feeds import FeedView
from regions.models import Office, Organization


class SiteFeedView(FeedView):
    """``/<language>/updates.atom``."""

    @cached_property
    def site_name(self) -> str:
        organization = Organization.objects.live().first()
        return str(organization.label) if organization else _("Regional strategies")

    def author(self) -> str:
        return self.site_name

    def title(self) -> str:
        return _("%(site)s: updates") % {"site": self.site_name}

    def page(self) -> str:
        return reverse("site-updates")


class OfficeFeedView(SiteFeedView):
    """``/<language>/regions/<slug>/updates.atom``: of an office and what belongs to it."""

    @cached_property
    def office(self) -> Office:
        """The live office of the address; without one it is 404."""
        office = Office.objects.live().filter(slug=self.kwargs["slug"]).first()
        if office is None:
            raise Http404
        return office

    def title(self) -> str:
        return _("%(site)s: updates") % {"site": self.office.label}

    def page(self) -> str:
        return self.office.get_absolute_url()
