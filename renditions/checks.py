"""The system check of what PDF needs from the machine."""

from django.core import checks

from renditions.pdf import missing_libraries


@checks.register(checks.Tags.compatibility)
def check_pdf_libraries(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """Say what to install where strategies cannot be made into PDF; the site runs without it."""
    missing = missing_libraries()
    if not missing:
        return []
    return [
        checks.Info(
            f"Strategies are not offered as PDF: this system lacks {', '.join(missing)}.",
            hint=(
                "Debian and Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; "
                "macOS: brew install pango. Then start the site again."
            ),
            id="strategy_site.I001",
        )
    ]
