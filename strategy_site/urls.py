"""All addresses of the site. Each public page has one address a language: ``/es/regions/<slug>/``."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, re_path

from cms.pages.feeds import SiteUpdatesView
from cms.pages.markdown import MarkdownView
from cms.pages.preview import preview
from cms.pages.share_card import ShareCardView
from cms.pages.sitemaps import SitemapIndexView, SitemapView
from cms.pages.views import ItemView, UpdatesView
from priorities.theme import ThemeView
from priorities.views import DocumentView
from regions.views import OfficeCoverView
from renditions.views import RenditionView
from strategy_site import views
from strategy_site.api import CatalogView
from strategy_site.developers import ClientView, DevelopersView
from strategy_site.feeds import OfficeFeedView, SiteFeedView
from strategy_site.health import HealthView
from strategy_site.robots import RobotsView
from strategy_site.search import OpenSearchView, SearchView, SuggestionsView

handler400 = "strategy_site.errors.bad_request"
handler403 = "strategy_site.errors.permission_denied"
handler404 = "strategy_site.errors.page_not_found"
handler500 = "strategy_site.errors.server_error"

urlpatterns = [
    path(settings.HEALTH_PATH[1:], HealthView.as_view(), name="health"),
    path("", views.LanguageRedirectView.as_view(), name="root"),
    path("favicon.ico", views.FaviconView.as_view(), name="favicon"),
    path("robots.txt", RobotsView.as_view(), name="robots"),
    path("sitemap.xml", SitemapIndexView.as_view(), name="sitemaps"),
    path("sitemap-<slug:section>-<int:number>.xml", SitemapView.as_view(), name="sitemap"),
    re_path(
        r"^share/(?P<digest>[0-9a-f]{16})/(?P<page>[-\w]+(?:/[-\w]+)*)\.png$",
        ShareCardView.as_view(),
        name="share-card",
    ),
    path("theme.css", ThemeView.as_view(), name="theme"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("strategy_site.api")),
    path(".well-known/api-catalog", CatalogView.as_view(), name="api-catalog"),
    path("developers/strategy_site_client.py", ClientView.as_view(), name="client"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("preview/<str:token>/<path:path>", preview, name="preview"),
    path("documents/<uuid:pk>/<str:filename>", DocumentView.as_view(), name="document"),
    path("offices/<uuid:pk>/cover", OfficeCoverView.as_view(), name="office-cover"),
    *i18n_patterns(
        path("", views.HomeView.as_view(), name="home"),
        path("developers/", DevelopersView.as_view(), name="developers"),
        path("search/", SearchView.as_view(), name="search"),
        path("search/suggestions/", SuggestionsView.as_view(), name="search-suggestions"),
        path("search/opensearch.xml", OpenSearchView.as_view(), name="opensearch"),
        path("compare/", views.CompareView.as_view(), name="compare"),
        path("compare.csv", views.CompareTable.as_view(), name="compare-csv"),
        path("updates.atom", SiteFeedView.as_view(), name="feed"),
        path("regions/<slug:slug>/updates.atom", OfficeFeedView.as_view(), name="office-feed"),
        path("updates/", SiteUpdatesView.as_view(), name="site-updates"),
        path("accessibility/", views.AccessibilityView.as_view(), name="accessibility"),
        path("item/<str:label>/<uuid:pk>/", ItemView.as_view(), name="item"),
        path("updates/<uuid:pk>/", UpdatesView.as_view(), name="updates"),
        path("", include("regions.urls")),
        path("", include("priorities.urls")),
        path("", include("partners.urls")),
        re_path(r"^(?P<page>[-\w]+(?:/[-\w]+)*)\.md$", MarkdownView.as_view(), name="markdown"),
        path("strategies/<slug:slug>/<slug:name>.<slug:extension>", RenditionView.as_view(), name="rendition"),
    ),
]
