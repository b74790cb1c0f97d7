"""``manage.py makemessages`` with this project's habits: all languages but the source, no stale texts."""

from django.core.management.commands import makemessages
from django.utils.translation import to_locale

from cms.content.languages import SOURCE_LANGUAGE, site_languages

NOT_OURS = [".venv", "var", "tests", "benchmarks", "static/vendor"]


class Command(makemessages.Command):
    def handle(self, *args, **options) -> None:
        if not options["locale"]:
            options["locale"] = [to_locale(code) for code in site_languages() if code != SOURCE_LANGUAGE]
        options["ignore_patterns"] = [*(options["ignore_patterns"] or []), *NOT_OURS]
        options["no_obsolete"] = options["no_wrap"] = True
        super().handle(*args, **options)
