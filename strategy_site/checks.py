"""System checks of the site as a whole."""

from django.conf import settings
from django.contrib import admin
from django.core import checks
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse

from cms.content.registry import content_models
from cms.content.schema import hidden_step
from cms.pages.filters import SearchFilter

DEVELOPMENT_NOTICE = (
    "This is a development site: it keeps its data under %s and works without HTTPS. "
    "For a public site set ENVIRONMENT=production (docs/operators.md)."
)


def development_notice() -> str:
    """Return the sentence that says this is no public site, or nothing when it is one."""
    return "" if settings.PRODUCTION else DEVELOPMENT_NOTICE % settings.VAR_DIR


@checks.register(checks.Tags.security, deploy=True)
def check_environment(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """Say that this is a development site to whoever asks whether it can be deployed."""
    notice = development_notice()
    return [checks.Warning(notice, id="strategy_site.W001")] if notice else []


@checks.register(checks.Tags.urls)
def check_collections(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """Name the content models that the API does not have, and list pages that the menu does not lead to."""
    from strategy_site.api import router  # which reads the models

    found = []
    views = {viewset.model: viewset for _prefix, viewset, _name in router.registry}
    try:
        menu = render_to_string("includes/_menu_links.html")
    except NoReverseMatch:  # a page in it has no route, which the check of pages says
        menu = None
    for model in content_models():
        if model not in views:
            hint = "Give it a viewset in its app's api.py and register that with the router in strategy_site/api.py."
            message = f"{model.__name__} is a collection that the API does not have."
            found.append(checks.Error(message, hint=hint, obj=model, id="strategy_site.E001"))
        elif menu and (page := views[model].list_page) and not leads_to(menu, page):
            hint = "Add it to templates/includes/_menu_links.html."
            message = f"The menu does not lead to the list of {model._meta.verbose_name_plural}."
            found.append(checks.Error(message, hint=hint, obj=model, id="strategy_site.E002"))
        if not admin.site.is_registered(model):
            hint = "Register an admin for it in its app's admin.py."
            message = f"{model.__name__} is content that nobody can edit."
            found.append(checks.Error(message, hint=hint, obj=model, id="strategy_site.E003"))
    return found


def leads_to(menu: str, page: str) -> bool:
    """Say whether a rendered menu has a link to the page of this name; one without a route has none."""
    try:
        return f'href="{reverse(page)}"' in menu
    except NoReverseMatch:
        return False


@checks.register(checks.Tags.urls)
def check_filters(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """Name the filters of lists by which strangers could find out what is in a field that is not public."""
    from strategy_site.api import router

    found = []
    for _prefix, viewset, _name in router.registry:
        for name, filter_ in viewset.filterset_class.base_filters.items():
            paths = filter_.fields if isinstance(filter_, SearchFilter) else [filter_.field_name]
            for path in paths:
                if hidden := hidden_step(viewset.model, path):
                    message = f"The filter {name!r} of {viewset.model.__name__} asks {hidden!r}, which is not public."
                    found.append(checks.Error(message, obj=viewset.model, id="strategy_site.E004"))
    return found
