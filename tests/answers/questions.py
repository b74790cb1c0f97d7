"""What the site is asked: everything.

What there is to ask is found as a reader, a program or a member of staff finds it: from the URLconf and the links of
pages, from the OpenAPI document, from the admin's registry and the links of its pages.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.db import connections
from django.urls import reverse

from tests.addresses import public_addresses
from tests.answers import world
from tests.answers.asking import Asking, digest, follow, name_of

API = "/api/v1/"
MOST_FILTERED = 8  # addresses with a query string that are asked of a kind, a language each
MOST_OF_STAFF = {"administrator": 10, "editor": 2, "translator": 2}  # rows of a model whose forms are opened
MADE = {"rendition": 2, "share-card": 30}  # what takes long to make: so many a language (and format)


# --- The public pages --------------------------------------------------------------------------------------------


def ask_public(folder: Path) -> Counter:
    """Ask for all that readers see: pages in every language, feeds, tables, pictures, files for programs."""
    asking, made = Asking(folder, "public"), Counter()

    def kind(address: str) -> str:
        return name_of(urlsplit(address).path).replace(":", "-") or "nothing"

    def wanted(page: str, address: str) -> bool:
        path, query = urlsplit(address).path, urlsplit(address).query
        name = name_of(path)
        if path.startswith(("/admin/", API)) or not name:
            return False
        if name in MADE:
            place = name, path.rsplit("-", 1)[-1] if name == "rendition" else path.split("/")[3]
            made[place] += 1
            return made[place] <= MADE[name]
        if not query:
            return True
        made[name, path.split("/")[1]] += 1
        return not urlsplit(page).query and made[name, path.split("/")[1]] <= MOST_FILTERED

    items = [row for page in page_models() for row in page.objects.order_by("pk")]
    addresses = [address for address in public_addresses(items) if not address.startswith(API)]
    follow(asking, [*addresses, *seeds()], kind, wanted)
    asking.ask("/", "root", "in-es", Accept_Language="es")
    return asking.counts


def page_models() -> list[type]:
    """Return the models that have pages."""
    from tests.addresses import page_models as models

    return list(models())


def seeds() -> Iterator[str]:
    """Yield what nothing leads to: searches, lists that are filtered, comparisons, what is gone or never was."""
    strategies = list(world.model("Strategy").objects.order_by("pk").values_list("slug", flat=True)[:2])
    compared = urlencode([("s", slug) for slug in strategies])
    for code in dict(settings.LANGUAGES):
        yield from (
            f"/{code}/search/?{urlencode({'q': words})}" for words in ("migration", "migracion salud", "xyzzy", "oim")
        )
        yield f"/{code}/search/suggestions/?q=mig"
        yield f"/{code}/compare/?{compared}"
        yield f"/{code}/compare.csv?{compared}"
        yield f"/{code}/regions/?kind=regional"
        yield f"/{code}/objectives/?search=a&kind=main"
        yield f"/{code}/partners/?search=nothing+of+this+name"
        yield f"/{code}/partners/?unknown=1&page=99"
        yield f"/{code}/nothing-here/"
        yield f"/{code}/regions/{world.FORMER_SLUG}/"
    yield from ("/sitemap.xml", "/robots.txt", "/healthz", "/favicon.ico")


# --- The API -----------------------------------------------------------------------------------------------------


def ask_api(folder: Path) -> Counter:
    """Ask the API all that its own description says can be asked."""
    asking = Asking(folder, "api")
    languages = list(dict(settings.LANGUAGES))
    description = json.loads(asking.ask(f"{API}openapi.json", "description").body)
    for code in languages:
        asking.ask(f"{API}openapi.json?lang={code}", "description")
        asking.ask(f"{API}docs/", "description", f"in-{code}", Accept_Language=code)
        asking.ask(f"{API}?lang={code}", "root")
    for path, methods in description["paths"].items():
        parameters = {each["name"]: each for each in methods["get"].get("parameters", []) if each["in"] == "query"}
        if "cursor" in parameters:
            ask_list(asking, path, parameters, languages)
    ask_details(asking, description["paths"], languages)
    ask_changes_and_exports(asking, languages)
    for address in (address for address in public_addresses([], ["en"]) if address.startswith(API)):
        asking.ask(address, address.removeprefix(API).split("/")[0])
    return asking.counts


def values_of(name: str, parameter: dict, items: list[dict]) -> list[str]:
    """Return what a parameter may be given: all that its description lists, else what ``items`` have there."""
    schema = {**parameter["schema"], **parameter["schema"].get("items", {})}
    if "enum" in schema:
        return [str(value) for value in schema["enum"]]
    if name == "search":
        return ["regional", "salud", "nothing of this kind"]
    if name == "fields":
        return [",".join([*items[0]][:4]), *items[0]] if items else []
    found = [item.get(name.partition("__")[0]) for item in items]
    names = [value.get("slug") or value.get("code") or value["id"] if isinstance(value, dict) else value
             for value in found]  # fmt: skip
    return list(dict.fromkeys(str(value) for value in names if value and not isinstance(value, list)))[:2] or ["1"]


def ask_list(asking: Asking, path: str, parameters: dict, languages: list[str]) -> None:
    """Ask a list in every language, in every order, by every filter, and page by page to its end."""
    kind = path.removeprefix(API).strip("/")
    for code in languages:
        asking.ask(f"{path}?lang={code}&limit=100", kind)
    asking.ask(f"{path}?lang=fr&fallback=none&limit=5", kind)
    asking.ask(f"{path}?lang=*&limit=3", kind)
    asking.ask(path, kind, "in-es", Accept_Language="es-AR, pt;q=0.5")
    items = json.loads(asking.client.get(f"{path}?limit=100").content)["results"]
    for name in parameters.keys() - {"cursor", "lang", "fallback", "limit"}:
        for value in values_of(name, parameters[name], items):
            asking.ask(f"{path}?{urlencode({name: value, 'limit': 5})}", kind)
    for wrong in (
        "unknown=1",
        "limit=0",
        "cursor=wrong",
        "fields=nothing",
        "expand=nothing",
        "sort=nothing",
        "lang=xx",
    ):
        asking.ask(f"{path}?{wrong}", kind)
    sorts = [
        value for value in values_of("sort", parameters["sort"], items) if "name" in value or "published" in value
    ]
    for query in ("limit=4", *(f"limit=7&sort={value}" for value in sorts[:4])):
        ask_pages(asking, f"{path}?{query}", kind)


def ask_pages(asking: Asking, address: str, kind: str) -> None:
    """Ask a list page by page to its end, and the page before each."""
    while address:
        response = asking.ask(address, f"{kind}/pages")
        page = json.loads(response.body) if response else {}
        if before := page.get("previous"):
            asking.ask(before.removeprefix(world.ADDRESS), f"{kind}/pages")
        address = (page.get("next") or "").removeprefix(world.ADDRESS)


def ask_details(asking: Asking, paths: dict, languages: list[str]) -> None:
    """Ask for every public item in every language, and for a few with all their relations and each field alone."""
    for path in (path for path in paths if path.endswith("/{key}/")):
        collection = path.removesuffix("{key}/")
        kind = f"{collection.removeprefix(API).strip('/')}/items"
        items = json.loads(asking.client.get(f"{collection}?limit=100").content)["results"]
        query = {each["name"]: each for each in paths[path]["get"]["parameters"] if each["in"] == "query"}
        for number, item in enumerate(items):
            address = item["url"].removeprefix(world.ADDRESS).partition("?")[0]
            for code in languages:
                asking.ask(f"{address}?lang={code}", kind)
            if number < 3:
                asking.ask(f"{address}?lang=*", kind)
                asking.ask(f"{address}?lang=fr&fallback=none", kind)
                expanded = values_of("expand", query["expand"], []) if "expand" in query else []
                for value in expanded and [*expanded, ",".join(expanded[:4])]:
                    asking.ask(f"{address}?{urlencode({'expand': value})}", kind)
                for field in json.loads(asking.client.get(address).content):
                    asking.ask(f"{address}?fields={field}", kind)
        asking.ask(f"{collection}nothing-of-this-name/", kind)
        for row in gone(collection):
            asking.ask(f"{collection}{row}/", kind)


def gone(collection: str) -> Iterator[str]:
    """Yield the identifiers of items of a collection that are not public, and the name that one had before."""
    for name in ("Partner", "Objective", "Office"):
        rows = world.model(name).objects.order_by("pk")
        if collection.endswith(f"/{rows.model.collection}/"):
            yield from (str(pk) for pk in rows.exclude(status="live").values_list("pk", flat=True))
    if collection.endswith("/offices/"):
        yield world.FORMER_SLUG


def ask_changes_and_exports(asking: Asking, languages: list[str]) -> None:
    """Ask for the export and all its files, and for the changes from the first to the last."""
    export = json.loads(asking.ask(f"{API}exports/", "exports").body)
    for file in export["files"]:
        asking.ask(file["url"].removeprefix(world.ADDRESS), "exports")
    first = f"since={export['token'].rpartition('-')[0]}-0"
    for code in languages:
        asking.ask(f"{API}changes/?{first}&limit=3&lang={code}", "changes")
    for query in ("", "since=wrong", f"{first}&limit=0", f"{first}&include=nothing"):
        asking.ask(f"{API}changes/?{query}", "changes")
    for query in ("limit=50", "limit=100&include=records"):
        address, page = f"{API}changes/?{first}&{query}", {"has_more": True}
        while page["has_more"]:
            page = json.loads(asking.ask(address, "changes").body)
            address = page["next"].removeprefix(world.ADDRESS)


# --- The admin ---------------------------------------------------------------------------------------------------


def ask_admin(folder: Path) -> Counter:
    """Ask for every list and form of the admin and what they lead to, as people who may do more and less."""
    counts = Counter()
    for user, most in MOST_OF_STAFF.items():
        asking, asked = Asking(folder, f"admin-{user}", user, Accept_Language="en"), Counter()

        def kind(address: str) -> str:
            name = name_of(urlsplit(address).path).removeprefix("admin:")
            label = max((label for label in apps.app_configs if name.startswith(f"{label}_")), key=len, default="")
            return name.removeprefix(f"{label}_") or "nothing"

        def wanted(page: str, address: str, asked=asked, most=most, kind=kind) -> bool:
            name = kind(address)
            if not address.startswith(("/admin/", "/preview/")) or name in ("nothing", "jsi18n"):
                return False
            if "content_type" in address:  # a number that depends on the order of migrations
                return False
            place = name, bool(urlsplit(address).query)
            asked[place] += 1
            return not urlsplit(page).query and asked[place] <= most

        follow(asking, admin_addresses(most), kind, wanted)
        for code in ("es", "fr", "pt"):
            asking.ask("/admin/", "index", f"in-{code}", Accept_Language=code)
            for model in admin.site._registry:
                address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
                asking.ask(address, kind(address), f"in-{code}", Accept_Language=code)
        counts += asking.counts
    return counts


def admin_addresses(most: int) -> Iterator[str]:
    """Yield index, lists, empty forms and the forms of the first rows of every model in the admin."""
    yield "/admin/"
    for model in sorted(admin.site._registry, key=lambda model: model.__name__):
        place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{place}_changelist")
        yield reverse(f"{place}_add")
        for pk in model._default_manager.order_by("pk").values_list("pk", flat=True)[:most]:
            yield reverse(f"{place}_change", args=[pk])


# --- Packages ----------------------------------------------------------------------------------------------------


def ask_packages(folder: Path) -> Counter:
    """Export the content as packages, whole and each collection alone, with and without identifiers."""
    target = folder / "packages"
    target.mkdir(parents=True)
    for name, options in {"plain": {}, "with-ids": {"with_ids": True}}.items():
        for suffix in ("yaml", "json"):
            call_command("export_content", output=target / f"{name}.{suffix}", verbosity=0, **options)
    for path in sorted(target.rglob("*.*")):
        if path.suffix in (".pdf", ".png", ".jpg", ".webp"):
            path.write_text(digest(path.read_bytes()) + "\n")
    return Counter({"packages": sum(1 for path in target.rglob("*") if path.is_file())})


PARTS = {"public": ask_public, "api": ask_api, "admin": ask_admin, "packages": ask_packages}


def ask_all(folder: Path, only: str = "") -> Counter:
    """Ask everything, the parts beside each other, and return how many answers of each kind ``folder`` now has."""
    connections.close_all()  # a process has its own
    parts = [part for name, part in PARTS.items() if name.startswith(only)]
    with ProcessPoolExecutor(max_workers=os.cpu_count(), mp_context=get_context("fork")) as processes:
        return sum(processes.map(call, parts, repeat(folder)), Counter())


def call(part: Callable[[Path], Counter], folder: Path) -> Counter:
    return part(folder)
