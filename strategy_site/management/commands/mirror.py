"""``manage.py mirror DIR``: the public site as static files, which a web server falls back to."""

import json
from pathlib import Path

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.core.management import BaseCommand, CommandError
from django.core.servers.basehttp import get_internal_wsgi_application
from django.urls import reverse
from django.utils.translation import override

from cms.api.bulk import is_current, latest_export, make_export
from cms.content.languages import site_languages
from strategy_site.errors import unavailable
from strategy_site.exclusive import exclusively
from strategy_site.mirror.entries import ErrorPage
from strategy_site.mirror.making import LIST, Application, Mirror, MirrorError, asked, kept_of, request

ALONE = ("root", "favicon", "robots", "sitemaps")  # what nothing links to
# Of the API the mirror has what describes it, and the copies of everything that it gives.
OF_API = ("api:exports", "api:openapi", "api:docs", "api:problems")
SHOWN = 20  # addresses that failed


class Command(BaseCommand):
    help = (
        "Write the public site as static files into a folder, with the configuration by which nginx serves them; "
        "a second time only what changed since."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="a folder of its own; made where it is not there")

    def handle(self, *args, folder: Path, **options) -> None:
        try:
            require_own(folder)
            with exclusively("mirror"):
                renew_export()
                report = mirror(folder).make()
        except MirrorError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename or folder}: {error.strerror}.") from error
        self.stdout.write(
            f"{folder}: {report.entries} addresses, {report.written} files written, {report.removed} removed."
        )
        if report.failed:
            found = [f"{status} {address}" for address, status in report.failed.items()]
            raise CommandError(
                "\n".join(["The site could not answer these now; they stay as they were:", *found[:SHOWN]])
            )


def require_own(folder: Path) -> None:
    """Raise ``MirrorError`` for a folder with anything else in it: what no address has is removed from it."""
    if folder.exists() and any(folder.iterdir()) and not (folder / LIST).exists():
        raise MirrorError(f"{folder} holds something else. Name an empty folder, or one that a mirror is in.")


def renew_export() -> None:
    """Make the copies of everything that the API gives, unless they are of what is public now."""
    export = latest_export()
    if export is None or not is_current(export):
        make_export()


def mirror(folder: Path) -> Mirror:
    """Return the mirror of this site in ``folder``."""
    application = get_internal_wsgi_application()
    beginnings = [reverse(name) for name in OF_API]
    return Mirror(
        application,
        folder,
        start=[
            "/",
            *(start_of(code) for code in site_languages()),
            reverse("sitemaps"),
            reverse("robots"),
            *beginnings,
        ],
        left_out=[reverse("admin:index"), "/preview/", "/i18n/", settings.API_PATH, settings.HEALTH_PATH],
        kept=[*beginnings, f"{settings.API_PATH}files/"],
        errors=error_pages(application),
    )


def start_of(language: str) -> str:
    with override(language):
        return reverse("home")


def error_pages(application: Application) -> dict[str, ErrorPage]:
    """Return what is said of what a mirror does not have: in each language, and below the API as a problem."""
    found = {}
    for language in site_languages():
        start = start_of(language)
        _status, headers, missing = asked(application, f"{start}-/")
        bodies = {404: b"".join(missing), 503: said_unavailable(start)}
        found[language] = ErrorPage(start, bodies, "text/html", kept_of(headers))
    problem = json.loads(said_unavailable(settings.API_PATH))
    del problem["instance"], problem["request_id"]  # of one request
    found["api"] = ErrorPage(
        settings.API_PATH, {503: json.dumps(problem).encode()}, "application/problem+json", {}, missing=503
    )
    return found


def said_unavailable(path: str) -> bytes:
    return unavailable(WSGIRequest(request(path, ""))).content
