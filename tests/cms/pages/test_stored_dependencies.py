"""What a stored page depends on: made anew when something that it shows changed, and left alone otherwise."""

import os
import random
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import models, transaction
from django.urls import resolve
from django.utils import timezone

from cms.content.languages import site_languages
from cms.content.models import Publishable
from cms.content.noting import collecting, noted, row, table
from cms.content.registry import content_models
from cms.content.snapshots import child_relations, plain_relations, snapshot
from cms.content.statements import Statement
from cms.pages.kept import forget
from cms.pages.kept import kept as keep
from cms.pages.models import Touch
from cms.pages.sitemaps import item_entries, page_entries, sections
from cms.pages.stored.touches import forget_all
from cms.publishing import actions
from cms.publishing.actions import live
from cms.publishing.changelog import PublicChange, record
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import Change, ChangeLogHead
from cms.publishing.visibility import publishable_models
from priorities.models import Objective, Pillar, Strategy
from regions.models import Country, Office
from tests.content import make_content
from tests.factories import ObjectiveFactory, OfficeFactory, StrategyFactory
from tests.front import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def pieces_are_kept(monkeypatch):
    """Keep what pages share (:mod:`cms.pages.kept`), though a test is one transaction."""
    forget()
    monkeypatch.setattr("cms.pages.kept.is_keeping", lambda: True)
    yield
    forget()


CAMPAIGN = os.environ.get("CAMPAIGN") == "1"
PUBLICATIONS = 2_000 if CAMPAIGN else 8
LOOKED_AT = 30 if CAMPAIGN else 12


@transaction.atomic
def log_everything() -> None:
    """Give every public item an entry of the change log, as on a site that was filled by its editors."""
    items = [(model, key) for model in content_models() for key in model.objects.values_list("pk", flat=True)]
    changes = [PublicChange(Change.Operation.UPSERT, *item) for item in items]
    record(changes, head=ChangeLogHead.locked(), at=timezone.now())


def republish(item: Publishable, change: Callable[[dict], object]) -> None:
    """Publish ``item`` with what ``change`` makes of its snapshot."""
    data = snapshot(item)
    change(data)
    actions.save_draft(item=item, data=data, user=None, opened_on=None)
    actions.publish(item=item, user=None)


def set_field(name: str, value: object) -> Callable[[dict], object]:
    return lambda data: data["fields"].update({name: value})


@pytest.fixture
def site():
    """Two offices with a strategy each, one objective in each; everything is in the log."""
    make_content()
    strategies = [StrategyFactory(office=OfficeFactory(slug=f"an-office-{n}"), slug=f"a-strategy-{n}") for n in (1, 2)]
    objectives = [ObjectiveFactory(strategy=strategy, slug=f"of-{strategy.slug}") for strategy in strategies]
    log_everything()
    return objectives


def kept(reader: Reader, addresses: list[str], happens: Callable[[], object]) -> list[bool]:
    """Say which of the pages at ``addresses`` are still answered from the store after something happened."""
    for address in addresses:
        assert reader.get(address).status_code in (200, 404)
        assert reader.get(address).headers["Cache-Status"] == "site; hit"
    happens()
    return [reader.get(address).headers["Cache-Status"] == "site; hit" for address in addresses]


def test_publication_makes_only_those_pages_anew_that_show_the_item(reader, site):
    first, second = site
    addresses = [
        first.get_absolute_url(),
        first.strategy.get_absolute_url(),
        first.strategy.office.get_absolute_url(),
        "/en/objectives/",
        second.get_absolute_url(),
        second.strategy.get_absolute_url(),
        second.strategy.office.get_absolute_url(),
        "/en/partners/",
    ]
    happens = lambda: republish(first, set_field("statement_en", "Another statement"))  # noqa: E731
    assert kept(reader, addresses, happens) == [False] * 4 + [True] * 4
    assert "Another statement" in reader.get(addresses[2]).text


def test_item_that_moves_is_shown_where_it_came_from_and_where_it_went(reader, site):
    first, second = site
    addresses = [each.strategy.get_absolute_url() for each in site]
    happens = lambda: republish(first, set_field("strategy", str(second.strategy.pk)))  # noqa: E731
    assert kept(reader, addresses, happens) == [False, False]


def test_new_item_appears_on_the_page_that_it_points_to(reader, site):
    strategy = site[0].strategy
    new = ObjectiveFactory(strategy=strategy, live=False, statement_en="Not there before")
    addresses = [strategy.get_absolute_url(), site[1].strategy.get_absolute_url()]
    assert kept(reader, addresses, lambda: actions.publish(item=new, user=None)) == [False, True]
    assert "Not there before" in reader.get(addresses[0]).text


def test_page_of_a_country_shows_an_office_that_begins_to_cover_it(reader, site):
    country = Country.objects.exclude(offices=site[0].strategy.office).first()
    office = site[0].strategy.office
    address = country.get_absolute_url()
    happens = lambda: republish(office, lambda data: data["relations"]["countries"].append(str(country.pk)))  # noqa: E731
    assert kept(reader, [address], happens) == [False]


def test_parent_that_is_withdrawn_takes_what_is_below_from_the_pages(reader, site):
    objective = site[0]
    address = objective.get_absolute_url()
    assert kept(reader, [address], lambda: actions.unpublish(item=objective.strategy, user=None)) == [False]
    assert reader.get(address).status_code == 410


def test_draft_changes_no_page(reader, site):
    def draft() -> None:
        data = snapshot(site[0])
        data["fields"]["statement_en"] = "Drafted"
        actions.save_draft(item=site[0], data=data, user=None, opened_on=None)

    assert kept(reader, [site[0].get_absolute_url(), "/en/objectives/"], draft) == [True, True]


def test_everything_can_be_forgotten(reader, site):
    assert kept(reader, ["/en/", "/en/partners/"], forget_all) == [False, False]


@pytest.mark.parametrize("command", ["forget_pages", "rebuild_search"])
def test_command_that_changes_what_shows_has_everything_made_anew(reader, site, command):
    assert kept(reader, ["/en/partners/"], lambda: call_command(command, stdout=StringIO())) == [False]


def test_version_that_the_log_does_not_tell_of_is_shown(reader, site, monkeypatch):
    """A publication of what only staff see is no change for partners, and still a version."""
    monkeypatch.setattr(live, "public_part", lambda model, data: {"fields": {}, "relations": {}, "children": {}})
    strategy = site[0].strategy
    address = strategy.get_absolute_url()
    assert kept(reader, [address], lambda: republish(strategy, set_field("title_en", "For staff"))) == [False]


def test_item_that_the_store_knows_nothing_of_touches_all_of_its_kind(reader, site):
    Touch.objects.filter(object_id=site[0].pk).delete()  # published before there was a store
    strategies = [each.strategy.get_absolute_url() for each in site]
    assert kept(reader, strategies, lambda: republish(site[0], set_field("code", "Z"))) == [False, False]


def test_few_pages_are_made_anew_for_one_objective(reader, site):
    addresses = [path for entry in all_entries() for path in entry.paths.values() if path.startswith("/en/")]
    lists = {address for address in addresses if address.count("/") <= 3}
    before = kept(reader, addresses, lambda: republish(site[0], set_field("statement_en", "Other")))
    anew = {address for address, is_kept in zip(addresses, before, strict=True) if not is_kept} - lists
    office = site[0].strategy.office
    expected = {each.get_absolute_url() for each in (site[0], site[0].strategy, office)}
    expected.add(f"{site[0].strategy.get_absolute_url()}alignment/")
    of_all = ("/en/frameworks/", "/en/pillars/")  # which list the objectives of all regions
    assert {address for address in anew if not address.startswith(of_all)} == expected


def all_entries() -> list:
    return [*page_entries(), *(entry for section in sections().values() for entry in item_entries(section, 0, 500))]


def everything() -> list[str]:
    """Return addresses of every kind of public page, list, feed and file."""
    pages = [path for entry in all_entries() for path in entry.paths.values()]
    found = [*pages, "/theme.css", "/sitemap.xml", "/sitemap-pages-1.xml", "/robots.txt"]
    for code in site_languages():
        found += [f"/{code}/updates.atom", f"/{code}/search/?q=a", f"/{code}/objectives/?kind=main"]
    found += [f"{path.rstrip('/')}.md" for path in pages if path.count("/") > 3][:40]
    found += [f"{strategy.get_absolute_url()}embed/" for strategy in Strategy.objects.live()]
    return list(dict.fromkeys(found))


def something(chance: random.Random) -> None:
    """Do one random publication: of texts, places, relations, children, addresses, or a withdrawal."""
    models_with_rows = [model for model in publishable_models() if model.objects.exists()]
    item = chance.choice(list(chance.choice(models_with_rows).objects.order_by("pk")))
    if item.status == "withdrawn" or chance.random() < 0.15:
        act = actions.unpublish if item.is_live else actions.publish
        act(item=item, user=None)
        return
    republish(item, lambda data: scramble(type(item), data, chance))


def scramble(model: type[Publishable], data: dict, chance: random.Random) -> None:
    """Change something of a snapshot."""
    fields = [field for field in model._meta.concrete_fields if field.name in data["fields"]]
    keys = [field for field in fields if isinstance(field, models.ForeignKey)]
    texts = [field for field in fields if hasattr(field, "language") or field.name == "slug"]
    relations, children = plain_relations(model), [name for name, rows in data["children"].items() if len(rows) > 1]
    kind = chance.choice(
        ["key"] * bool(keys) + ["text"] * bool(texts) + ["relation"] * bool(relations) + ["child"] * bool(children)
    )
    if kind == "key":
        field = chance.choice(keys)
        data["fields"][field.name] = str(chance.choice(list(field.related_model.objects.order_by("pk"))).pk)
    elif kind == "text":
        field = chance.choice(texts)
        data["fields"][field.name] = f"text-{chance.randrange(10**6)}"
    elif kind == "relation":
        field = chance.choice(relations)
        rows = list(field.related_model.objects.order_by("pk").values_list("pk", flat=True))
        data["relations"][field.name] = sorted(map(str, chance.sample(rows, min(len(rows), 2))))
    else:
        rows = data["children"][chance.choice(children)]
        rows.pop(chance.randrange(len(rows)))


def test_stored_pages_are_those_that_a_render_gives(reader, client, site):
    """Random publications; each page byte by byte against a render (CAMPAIGN=1 for the long form)."""
    assert child_relations(Office)
    assert Objective.objects.exists()
    assert Pillar.objects.exists()
    chance = random.Random(0 if not CAMPAIGN else None)  # noqa: S311 - no secret
    done = 0
    while done < PUBLICATIONS:
        addresses = chance.sample(everything(), LOOKED_AT)
        for address in addresses:
            reader.get(address)
        try:
            with transaction.atomic():
                something(chance)
        except PublishingError:
            continue
        done += 1
        stored = [reader.get(address) for address in addresses]
        forget()  # the render takes nothing that was kept
        for address, answer in zip(addresses, stored, strict=True):
            rendered = client.get(address)
            assert (answer.status_code, answer.content) == (rendered.status_code, rendered.content), address


def test_page_notes_what_its_kept_pieces_were_made_from(client, site):
    """For each kind of page: what it notes when all is made for it, and when another page made the pieces before."""
    english = [address for address in everything() if not address.startswith(("/es/", "/fr/", "/pt/"))]
    one_of_a_kind = {resolve(address.partition("?")[0]).view_name: address for address in english}
    assert len(one_of_a_kind) > 20
    for address in one_of_a_kind.values():
        forget()
        noted = [tags_noted(client, address) for _time in range(2)]
        assert noted[0] == noted[1], address


def tags_noted(client, address: str) -> set[str]:
    with collecting() as tags:
        client.get(address)
    return tags


def test_page_with_a_kept_piece_is_made_anew_when_the_piece_changed(reader, site):
    """The menu is made for one page and shown on another, which reads no pillar itself."""
    reader.get("/en/partners/")
    pillar = Pillar.objects.live().first()
    address = "/en/accessibility/"
    assert kept(reader, [address], lambda: republish(pillar, set_field("name_en", "Another pillar"))) == [False]
    assert "Another pillar" in reader.get(address).text


def test_statement_notes_its_rows_as_a_query_does(site):
    """SQL that is made once is noted by the keys of each time that it is asked."""
    statement = Statement(lambda slug: Strategy.objects.live().select_related("office").filter(slug=slug), str)
    for objective in site:
        strategy = objective.strategy
        with collecting() as by_statement:
            assert statement.rows(strategy.slug) == [strategy]
        with collecting() as by_query:
            list(Strategy.objects.live().select_related("office").filter(slug=strategy.slug))
        assert by_statement == by_query
        assert row(Strategy, strategy.pk) in by_statement
        assert table(Strategy) not in by_statement


def test_piece_is_not_noted_by_what_the_page_says_of_its_own_statements(rf, site):
    """A page may say better what its own statements read; a piece that is made meanwhile is of all pages."""
    request = rf.get("/")
    with collecting(), noted([row(Strategy, "x")]):
        keep(request, "pillars", lambda: list(Pillar.objects.live()))
    with collecting() as tags:
        keep(request, "pillars", list)
    assert table(Pillar) in tags
