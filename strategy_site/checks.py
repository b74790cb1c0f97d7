"""System checks of the site as a whole."""

from django.conf import settings
from django.core import checks

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
