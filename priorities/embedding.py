"""The objectives of a strategy as a small page of its own, to be shown in a frame on other sites."""

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt

from cms.content.models import ContentModel
from cms.pages.stored.views import PublicOnlyMixin
from cms.pages.views import LiveDetailView
from priorities.models import Strategy

HEIGHT = 640  # pixels of the frame that the code to copy asks for


def embed_path(strategy: Strategy) -> str:
    """Return the path of the page to embed, in the active language."""
    return reverse("priorities:strategy-embed", args=[strategy.slug])


def embed_code(strategy: Strategy) -> str:
    """Return the HTML by which another site shows the objectives of ``strategy``; nothing where no site may."""
    if not settings.EMBED_ANCESTORS:
        return ""
    code = format_html(
        '<iframe src="{}" title="{}" width="100%" height="{}" loading="lazy"></iframe>',
        settings.SITE_URL + embed_path(strategy),
        _("Objectives: %(strategy)s") % {"strategy": strategy.label},
        HEIGHT,
    )
    return "".join(code)  # plain text again: the page shows the code and must not run it


@method_decorator(xframe_options_exempt, name="dispatch")  # which knows no list of sites; frame-ancestors does
@method_decorator(csp_replace({"frame-ancestors": settings.EMBED_ANCESTORS}), name="dispatch")
class StrategyEmbedView(PublicOnlyMixin, LiveDetailView):
    """``/<language>/strategies/<slug>/embed/``: framed by the sites of ``EMBED_ANCESTORS``, by default any."""

    model = Strategy
    template_name = "priorities/strategy_embed.html"
    is_indexed = False

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not settings.EMBED_ANCESTORS:
            raise Http404
        response = super().dispatch(request, *args, **kwargs)
        response.headers["X-Robots-Tag"] = "noindex"  # the page of the strategy is what is to be found
        return response

    def get_address(self, item: ContentModel) -> str:
        return embed_path(item)

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(
            groups=self.object.pillar_groups(),
            canonical=settings.SITE_URL + self.object.get_absolute_url(),
            **kwargs,
        )
