"""Texts out to be translated elsewhere, and in again."""

import re
import time

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from translate.storage import xliff, xliff2

from cms.content.fields import sanitize_html
from cms.publishing import actions
from cms.publishing.models import PartVersion, Revision, RoleAssignment
from cms.translations.texts import Status, texts_of
from cms.translations.xliff.codes import restored, text_of, tokens_of
from cms.translations.xliff.importing import import_translations, plan_import
from cms.translations.xliff.reading import MOST_BYTES, read
from cms.translations.xliff.writing import VERSIONS, documents
from regions.models import Office
from tests.drafts import drafted
from tests.factories import OfficeFactory, SectionFactory, StrategyFactory

BODY = (
    '<p>We <strong>work</strong> with <a href="https://a.example/">partners</a> &amp; people.</p>'
    "<ul><li><p>One<br>two</p></li><li><p>H<sub>2</sub>O</p></li></ul>"
)
SPANISH = (
    '<p>Con <a href="https://a.example/">socios</a> y <strong>gente</strong> trabajamos.</p>'
    "<ul><li><p>Uno<br>dos</p></li><li><p>Agua H<sub>2</sub></p></li></ul>"
)
database = pytest.mark.django_db


@pytest.fixture
def translator(db):
    user = User.objects.create(username="translator", is_staff=True)
    RoleAssignment.objects.create(user=user, role="translator", languages=["es"])
    return user


@pytest.fixture
def office(db):
    item = OfficeFactory(name_en="Regional office", short_name_en="R & O <1>", short_name_es="")
    SectionFactory(office=item, heading_en="Our work", body_en=BODY)
    return item


def exported(*items, version="2.1", language="es", **kwargs) -> bytes:
    (content,) = documents(items, language, version=version, **kwargs).values()
    return content


def translated(content: bytes, *texts: str) -> bytes:
    """Return a document with the sources as translations, each word of ``texts`` replaced by the next one."""
    root = etree.fromstring(content)
    for source in list(root.iter("{*}source")):
        target = source.getparent().find("{*}target")
        if target is not None:
            source.getparent().remove(target)
        target = etree.fromstring(etree.tostring(source, with_tail=False))
        target.tag = source.tag.replace("}source", "}target")
        if not source.getparent().tag.endswith("ignorable"):
            source.addnext(target)
    found = etree.tostring(root, encoding="unicode")
    for old, new in zip(texts[::2], texts[1::2], strict=True):
        before, mark, after = found.partition("<target")
        found = (
            before + mark + re.sub(rf"(<target.*?){re.escape(old)}", rf"\g<1>{new}", "<target" + after, flags=re.S)[7:]
        )
    return found.encode()


def spanish(item) -> dict[str, str]:
    return {text.place.split(":")[-1]: text.target for text in texts_of(item, "es")}


def statuses(item) -> dict[str, str]:
    return {text.place.split(":")[-1]: text.status for text in texts_of(item, "es")}


def take(content, user):
    return import_translations(plan=plan_import(content, user=user), user=user)


@pytest.mark.parametrize("version", VERSIONS)
def test_texts_come_back_as_drafts_of_the_translator(office, translator, version):
    content = translated(exported(office, version=version), "Regional office", "Oficina regional")
    outcome = take(content, translator)
    assert (outcome.texts, outcome.outdated, outcome.problems) == (4, 0, [])
    found = spanish(office)
    assert found == {"name": "Oficina regional", "short_name": "R & O <1>", "heading": "Our work", "body": BODY}
    version = PartVersion.objects.of(office).open().get()
    assert (version.part, version.author, version.state) == ("es", translator, "draft")
    assert set(statuses(office).values()) == {Status.CURRENT}
    assert Office.objects.get().name_es in (None, "")  # nothing is live


@pytest.mark.parametrize("version", VERSIONS)
def test_translation_that_is_there_goes_out_with_the_codes_of_its_source(office, translator, version):
    data = drafted(office)
    data["children"]["sections"][0]["body_es"] = SPANISH
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    content = exported(office, version=version, everything=True)
    plan = plan_import(content, user=translator)
    assert (plan.changes, plan.problems, plan.same) == ([], [], 1)
    again = content.replace(b"trabajamos", b"todos los d\xc3\xadas")
    assert take(again, translator).texts == 1
    assert spanish(office)["body"] == SPANISH.replace("trabajamos", "todos los días")


@pytest.mark.parametrize("version", VERSIONS)
def test_same_file_twice_changes_nothing(office, translator, version):
    content = translated(exported(office, version=version))
    take(content, translator)
    before = Revision.objects.count()
    plan = plan_import(content, user=translator)
    assert (plan.changes, plan.problems, plan.same) == ([], [], 4)
    take(content, translator)
    assert Revision.objects.count() == before


@pytest.mark.parametrize("version", VERSIONS)
def test_text_whose_source_has_moved_since_comes_in_as_outdated(office, translator, version):
    content = translated(exported(office, version=version))
    data = drafted(office)
    data["fields"]["name_en"] = "Quite another office"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    outcome = take(content, translator)
    assert (outcome.texts, outcome.outdated) == (4, 1)
    assert statuses(office) == {
        "name": Status.OUTDATED, "short_name": Status.CURRENT, "heading": Status.CURRENT, "body": Status.CURRENT,
    }  # fmt: skip
    (name,) = (text for text in texts_of(office, "es") if text.place == "name")
    assert name.source_then in ("Regional office", None)


def test_text_that_somebody_else_changed_since_is_refused_and_the_rest_goes_on(office, translator):
    content = translated(exported(office))
    data = drafted(office)
    data["fields"]["name_es"] = "Oficina"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    plan = plan_import(content, user=translator)
    assert len(plan.problems) == 1
    assert plan.problems[0].line
    import_translations(plan=plan, user=translator)
    assert spanish(office)["name"] == "Oficina"
    assert spanish(office)["heading"] == "Our work"


def test_draft_that_was_saved_while_the_plan_was_read_is_not_overwritten(office, translator):
    plan = plan_import(translated(exported(office)), user=translator)
    data = drafted(office)
    data["fields"]["name_es"] = "Oficina"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    outcome = import_translations(plan=plan, user=translator)
    assert (outcome.texts, len(outcome.problems)) == (0, 1)
    assert spanish(office)["name"] == "Oficina"


BROKEN = {
    "2.1": [
        (rb'<pc id="\d+"[^>]*>(work)</pc>', rb"\1"),
        (rb'(<target>We <pc id=)"\d+"', rb'\1"99"'),
        (rb'<target>(One)<ph id="(\d+)"', rb'<target><ph id="\2"/>\1<ph id="\2"'),
        (rb"<target>One<ph[^>]*/>two</target>", b""),
    ],
    "1.2": [
        (rb'(?s)<bpt id="2"((?!<bpt id="2").)*(</target>)', rb"\2"),
        (rb'(<target>.*?<ept id=)"2"', rb'\1"99"'),
    ],
}


@pytest.mark.parametrize(
    ("version", "pattern", "by"), [(version, *each) for version, found in BROKEN.items() for each in found]
)
def test_broken_markup_is_refused_for_that_text_and_the_rest_goes_on(office, translator, version, pattern, by):
    content = translated(exported(office, version=version))
    start = content.rindex(b"<target") if version == "1.2" else 0
    head, tail = content[:start], content[start:]
    if version == "2.1":
        places = list(re.finditer(pattern, tail))
        tail = tail[: places[-1].start()] + re.sub(pattern, by, tail[places[-1].start() :], count=1)
    else:
        tail = re.sub(pattern, by, tail, count=1)
    assert head + tail != content
    plan = plan_import(head + tail, user=translator)
    assert [problem.line > 0 for problem in plan.problems] == [True]
    assert "body" not in {change.text.place.split(":")[-1] for change in plan.changes}
    assert len(plan.changes) == 3


def test_all_problems_are_told_at_once(office, translator):
    stranger = OfficeFactory(name_en="Other")
    content = translated(exported(office, stranger), "Our work", "x" * 400, "R &amp; O &lt;1&gt;", " ")
    content = content.replace(str(stranger.pk).encode(), b"00000000-0000-4000-8000-000000000000")
    plan = plan_import(content, user=translator)
    lines = [problem.line for problem in plan.problems]
    assert len(set(lines)) == 3
    assert [b"<unit" in content.splitlines()[line - 1] for line in lines[:2]] == [True, True]
    assert all(problem.about and problem.message for problem in plan.problems)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.replace(b'id="name.', b'id="nothing.'),
        lambda content: content.replace(b'id="name.', b'id="name'),
        lambda content: content.replace(b'id="short_name.', b'id="name.'),
    ],
    ids=["no such text", "no identifier", "twice"],
)
def test_text_that_cannot_be_told_is_refused(office, translator, change):
    plan = plan_import(change(translated(exported(office))), user=translator)
    assert len(plan.problems) == 1
    assert len(plan.changes) == 3


def test_translator_of_another_language_or_place_takes_nothing_in(office, translator):
    french = translated(exported(office, language="fr"))
    plan = plan_import(french, user=translator)
    assert (plan.changes, len(plan.problems)) == ([], 1)


@database
def test_texts_are_exported_from_the_language_that_they_are_written_in():
    spanish_one = StrategyFactory(original_language="es", title_es="Estrategia", title_en="")
    found = documents([spanish_one, spanish_one.office], "fr", version="2.1")
    assert set(found) == {"es", "en"}
    assert documents([spanish_one], "es", version="2.1", everything=True) == {}


@database
def test_number_of_queries_does_not_depend_on_the_items(django_assert_max_num_queries):
    items = [OfficeFactory() for _number in range(12)]
    with django_assert_max_num_queries(8):
        documents(items, "es", version="2.1")


def test_notes_say_what_a_translator_must_know(office):
    content = exported(office, absolute=lambda address: f"https://site.example{address}").decode()
    assert "https://site.example/preview/" in content
    assert ">Our work<" in content
    assert "Heading" in content
    assert 'state="initial"' in content


# --- Other programs ---


@pytest.mark.parametrize("version", VERSIONS)
def test_translate_toolkit_reads_and_writes_what_comes_back(office, translator, version):
    store_class = xliff2.Xliff2File if version == "2.1" else xliff.xlifffile
    store = store_class.parsestring(exported(office, version=version))
    units = [unit for unit in store.units if unit.source]
    assert "Regional office" in {str(unit.source) for unit in units}
    for unit in units:
        if str(unit.source) == "Regional office":
            unit.target = "Oficina regional"
    plan = plan_import(bytes(store), user=translator)
    assert plan.problems == []
    import_translations(plan=plan, user=translator)
    assert spanish(office)["name"] == "Oficina regional"


# --- Hostile files ---

DTD = b'<?xml version="1.0"?><!DOCTYPE xliff [<!ENTITY a "aaaaaaaaaa">%s]>'
BOMB = DTD % b"".join(
    b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(ord("b"), ord("m"))
)
XLIFF = b'<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.1" srcLang="en" trgLang="es">%s</xliff>'
HOSTILE = {
    "bomb": BOMB + XLIFF % b"&l;",
    "external entity": DTD % b'<!ENTITY x SYSTEM "file:///etc/passwd">' + XLIFF % b"&x;",
    "parameter entity": DTD % b'<!ENTITY %% p SYSTEM "http://127.0.0.1:1/">%%p;' + XLIFF % b"",
    "attribute bomb": BOMB + b'<xliff a="&l;"/>',
    "dtd": b'<!DOCTYPE xliff SYSTEM "http://127.0.0.1:1/x.dtd">' + XLIFF % b"",
    "deep": XLIFF % (b"<group>" * 100_000),
    "large": XLIFF % (b" " * MOST_BYTES),
    "huge": b"<" * 100_000_000,
    "no xml": b"PK\x03\x04",
    "empty": b"",
    "other xml": b"<html/>",
    "other namespace": b'<xliff xmlns="urn:x"/>',
    "no language": XLIFF.replace(b'trgLang="es"', b"") % b"",
    "one language": XLIFF.replace(b'"es"', b'"en-GB"') % b"",
    "utf-16 bomb": (BOMB + XLIFF % b"&l;").decode().replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_quickly(name):
    start = time.process_time()
    with pytest.raises(ValidationError):
        read(HOSTILE[name])
    assert time.process_time() - start < 1


@given(
    st.binary(max_size=400)
    | st.text(alphabet="<>/&;abcx= \"'!?-", max_size=200).map(lambda text: XLIFF % text.encode())
)
@settings(max_examples=150)
def test_any_file_is_read_or_refused(content):
    try:
        read(content)
    except ValidationError:
        pass


HTML = st.recursive(
    st.text(alphabet="ab <&\u00a0é", min_size=1, max_size=6).map(
        lambda text: text.replace("&", "&amp;").replace("<", "&lt;")
    ),
    lambda inner: st.tuples(
        st.sampled_from(["p", "strong", "em", "ul", "li", "blockquote", "sub"]), st.lists(inner, max_size=3)
    ).map(lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>"),
    max_leaves=8,
)


@given(HTML.map(sanitize_html))
def test_any_rich_text_is_the_same_after_its_codes_are_put_back(html):
    tokens = tokens_of(html, is_rich=True)
    assert sanitize_html(text_of(restored(tokens, tokens), is_rich=True)) == html
