"""Strategies as PDF and Word: what is in the files, when they are made again, and who gets them."""

import io
import os
import threading
import zipfile
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.core import checks
from django.core.cache import cache
from django.db import connection
from django.urls import reverse
from docx import Document
from pypdf import PdfReader

from cms.content import runner
from cms.content.runner import Refused
from cms.content.snapshots import snapshot
from cms.publishing.actions import publish, save_draft
from priorities.models import Alignment, Objective, Strategy
from regions.models import Office
from renditions import maker, pdf, renewal, store, word
from renditions.maker import documents
from renditions.source import source_of
from tests.factories import (
    AlignmentFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OrganizationFactory,
    OutlineEntryFactory,
    PartnershipFactory,
    StrategyFactory,
    StrategyThematicAreaFactory,
)

pytestmark = pytest.mark.django_db
needs_pango = pytest.mark.skipif(not pdf.is_available(), reason="Pango is not installed")
ADDRESS = "/en/strategies/plan/plan-en"
BODY = (
    "<p>Plain <strong>bold</strong> <em>soft</em> <a href='https://example.org/?a=1&amp;b=2'>a link</a> "
    "H<sub>2</sub>O</p>"
    "<h3>Inside</h3><ul><li><p>One</p><ul><li><p>Nested</p></li></ul></li></ul>"
    "<ol><li><p>First</p></li><li><p>Second</p></li></ol><blockquote><p>Words.</p></blockquote>"
    "<table><tbody><tr><th>Year</th><th>People</th></tr><tr><td colspan='2'>Wide</td></tr></tbody></table>"
)


@pytest.fixture
def generated(settings):
    return settings.GENERATED_ROOT


@pytest.fixture
def plan():
    OrganizationFactory(name_en="Organization of Examples")
    strategy = StrategyFactory(
        slug="plan",
        title_en="The plan",
        title_es="El plan",
        summary_en="<p>The summary.</p>",
        vision_es="<p>La visión.</p>",
        period_from=2020,
        period_to=2024,
        office__name_en="The office",
    )
    goal = FrameworkGoalFactory(framework=FrameworkFactory(acronym_en="FW"), code="7", title_en="The goal")
    strategy.frameworks.add(goal.framework)
    main = ObjectiveFactory(
        strategy=strategy, pillar__name_en="The pillar", statement_en="The main one.", kind=Objective.Kind.MAIN
    )
    AlignmentFactory(objective=main, goal=goal)
    ObjectiveFactory(strategy=strategy, pillar=main.pillar, code="a", statement_en="The priority.")
    ObjectiveFactory(strategy=strategy, pillar=main.pillar, statement_en="Hidden thing", live=False)
    StrategyThematicAreaFactory(strategy=strategy, thematic_area__name_en="The area")
    PartnershipFactory(office=strategy.office, partner__name_en="The partner", description_en="Together.")
    PartnershipFactory(office=strategy.office, partner__name_en="Hidden partner", live=False)
    OutlineEntryFactory(strategy=strategy, anchor="one", number="1", title_en="Chapter one", body_en=BODY)
    OutlineEntryFactory(
        strategy=strategy, anchor="one-a", number="1.1", level=2, title_en="Section", body_en="<p>S.</p>"
    )
    return strategy


def body_of(response) -> bytes:
    assert response.status_code == 200
    return response.getvalue()


def pdf_of(client, language="en") -> PdfReader:
    return PdfReader(io.BytesIO(body_of(client.get(f"/{language}/strategies/plan/plan-{language}.pdf"))))


def word_of(client, language="en"):
    return Document(io.BytesIO(body_of(client.get(f"/{language}/strategies/plan/plan-{language}.docx"))))


def elements(node, found=None) -> list[dict]:
    """Return the structure elements of a PDF in reading order."""
    found = [] if found is None else found
    node = node.get_object()
    if "/S" in node:
        found.append(node)
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object() if hasattr(kid, "get_object") else kid
        if isinstance(kid, dict):
            elements(kid, found)
    return found


# --- PDF ---------------------------------------------------------------------------------------------------------


@needs_pango
@pytest.mark.rendering
def test_pdf_has_all_of_the_strategy_and_nothing_that_is_not_live(client, plan):
    text = " ".join(" ".join(page.extract_text() for page in pdf_of(client).pages).split())
    for part in (
        *("Organization of Examples", "The plan", "The office", "2020–2024", "The summary.", "The pillar", "FW 7"),
        *(
            "The main one.",
            "The priority.",
            "The area",
            "The partner",
            "Together.",
            "The goal",
            "Chapter one",
            "Nested",
        ),
        *("Version 1", "http://127.0.0.1:8000/en/strategies/plan/", "/en/strategies/plan/versions/1/", "Inside"),
    ):
        assert part in text, part
    assert "Hidden" not in text


@needs_pango
@pytest.mark.rendering
@pytest.mark.parametrize(
    ("basis", "words", "number"),
    [("assigned", "assigned by editors", 2), ("stated", "assigned by editors", 0), ("stated", "Serves FW 7", 1)],
)
def test_documents_tell_goals_that_editors_assigned_from_those_of_the_source(client, plan, basis, words, number):
    Alignment.objects.update(basis=basis)
    text = " ".join("\n".join(page.extract_text() for page in pdf_of(client).pages).split())
    assert text.count(words) == number
    document = word_of(client)
    parts = [*(part.text for part in document.paragraphs)]
    parts += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert " ".join("\n".join(parts).split()).count(words) == number


def test_pdf_says_that_it_is_accessible_and_in_which_language(client, plan):
    catalogue = pdf_of(client, "es").trailer["/Root"]
    assert catalogue["/Lang"] == "es"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    metadata = catalogue["/Metadata"].get_data().decode()
    assert 'pdfuaid:part="1"' in metadata
    assert "<dc:title>" in metadata
    assert "El plan" in metadata


@needs_pango
@pytest.mark.rendering
def test_pdf_has_bookmarks_nested_as_its_headings(client, plan):
    def titles(entries):
        return [titles(entry) if isinstance(entry, list) else entry.title for entry in entries]

    found = titles(pdf_of(client).outline)
    assert found[:2] == ["Contents", "Summary"]
    assert found[found.index("1 Chapter one") + 1][0] == "Inside"
    assert "1.1 Section" in found[found.index("1 Chapter one") + 1]


@needs_pango
@pytest.mark.rendering
def test_pdf_is_tagged_throughout(client, plan):
    reader = pdf_of(client)
    found = elements(reader.trailer["/Root"]["/StructTreeRoot"])
    kinds = [element["/S"] for element in found]
    assert kinds[0] == "/Document"
    assert {"/H1", "/H2", "/H3", "/P", "/L", "/LI", "/LBody", "/Table", "/TH", "/TD", "/Link"} <= set(kinds)
    levels = [int(kind[2]) for kind in kinds if len(kind) == 3 and kind[1] == "H"]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False)), levels
    assert all("/Alt" in element for element in found if element["/S"] == "/Figure")
    assert {str(e["/A"].get("/Scope")) for e in found if e["/S"] == "/TH"} >= {"/Row", "/Column"}
    for page in reader.pages:
        assert page["/Tabs"] == "/S"
        assert "/StructParents" in page
        for annotation in page.get("/Annots", []):
            assert {"/Contents", "/StructParent"} <= set(annotation.get_object())


@needs_pango
@pytest.mark.rendering
def test_pdf_marks_a_passage_in_another_language(client, plan):
    found = elements(pdf_of(client, "es").trailer["/Root"]["/StructTreeRoot"])
    assert {element.get("/Lang") for element in found} == {None, "en"}


@needs_pango
@pytest.mark.rendering
def test_pdf_embeds_its_fonts_with_their_characters(client, plan):
    fonts = [
        font.get_object()
        for page in pdf_of(client).pages
        for font in page["/Resources"].get_object()["/Font"].get_object().values()
    ]
    assert any("Hanken" in font["/BaseFont"] for font in fonts)
    for font in fonts:
        assert "/ToUnicode" in font
        assert "/FontFile2" in font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()


@needs_pango
@pytest.mark.rendering
def test_pdf_contents_have_page_numbers_that_are_right(client, plan):
    pages = [" ".join(page.extract_text().split()) for page in pdf_of(client).pages]
    number = next(number for number, text in enumerate(pages, 1) if "1 Chapter one Plain" in text.replace("1  ", "1 "))
    line = pages[1].split("Chapter one")[1].split("1.1")[0]
    assert line.strip(" .") == str(number)


@needs_pango
@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:1/x",
        "https://example.org/x.png",
        "data:text/plain,x",
        "asset:../manage.py",
    ],
)
def test_document_loads_nothing_but_its_own_assets(address):
    with pytest.raises(ValueError, match="own assets"):
        pdf.asset_fetcher({"fonts/hanken-grotesk.woff2": b""}).fetch(address)


def test_without_pango_there_is_no_pdf_and_the_check_says_what_to_install(client, plan, monkeypatch):
    monkeypatch.setattr(pdf, "opens", lambda name: "pango" not in name)
    pdf.missing_libraries.cache_clear()
    try:
        page = client.get("/en/strategies/plan/").text
        assert "plan-en.pdf" not in page
        assert "plan-en.docx" in page
        assert client.get(f"{ADDRESS}.pdf").status_code == 404
        found = [message for message in checks.run_checks() if message.id == "strategy_site.I001"]
        assert "libpango-1.0-0" in found[0].hint
        assert found[0].level < checks.WARNING
    finally:
        pdf.missing_libraries.cache_clear()


# --- Word --------------------------------------------------------------------------------------------------------


@pytest.mark.rendering
def test_word_has_real_headings_lists_tables_and_links(client, plan):
    document = word_of(client)
    styles = {paragraph.text: paragraph.style.name for paragraph in document.paragraphs}
    assert styles["The plan"] == "Title"
    assert styles["Summary"] == "Heading 1"
    assert styles["The pillar"] == "Heading 2"
    assert styles["1 Chapter one"] == "Heading 1"
    assert styles["Inside"] == "Heading 2"
    assert styles["1.1 Section"] == "Heading 2"
    assert (styles["One"], styles["Nested"], styles["First"]) == ("List Bullet", "List Bullet 2", "List Number")
    assert styles["Words."] == "Quote"
    rich = next(paragraph for paragraph in document.paragraphs if paragraph.text.startswith("Plain"))
    assert rich.text == "Plain bold soft a link H2O"
    assert [run.text for run in rich.runs if run.bold] == ["bold"]
    assert [run.text for run in rich.runs if run.italic] == ["soft"]
    assert [run.text for run in rich.runs if run.font.subscript] == ["2"]
    assert rich.hyperlinks[0].address == "https://example.org/?a=1&b=2"
    table = document.tables[-2]
    assert [cell.text for cell in table.rows[0].cells] == ["Year", "People"]
    assert table.cell(1, 0)._tc is table.cell(1, 1)._tc


@pytest.mark.rendering
def test_word_says_its_title_and_languages(client, plan):
    document = word_of(client, "es")
    properties = document.core_properties
    assert (properties.title, properties.language) == ("El plan", "es")
    xml = document.element.xml
    assert 'w:lang w:val="en"' in xml  # the passages that there are in English only
    assert 'w:val="es"' in document.styles.element.xml
    assert 'TOC \\o "1-2"' in xml


@pytest.mark.rendering
def test_lists_of_word_count_from_one_each(plan):
    OutlineEntryFactory(strategy=plan, anchor="two", title_en="Two", body_en="<ol><li><p>Again</p></li></ol>")
    document = Document(io.BytesIO(word.make(source_of("plan", "en"))))
    numbers = {p.text: p._p.pPr.numPr.numId.val for p in document.paragraphs if p.style.name == "List Number"}
    assert numbers["First"] == numbers["Second"] != numbers["Again"]


@pytest.mark.rendering
def test_word_in_a_right_to_left_language_runs_that_way(settings, plan):
    source = source_of("plan", "en")
    arabic = type(source)(**{**source.__dict__, "language": "ar"})
    xml = Document(io.BytesIO(word.make(arabic))).element.xml
    assert "<w:bidi/>" in xml


@pytest.mark.rendering
def test_word_file_holds_no_character_that_xml_forbids(plan):
    Strategy.objects.update(title_en="A\x0btitle\ufffe")
    assert Document(io.BytesIO(word.make(source_of("plan", "en")))).core_properties.title == "Atitle"


# --- Serving -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extension", "media_type", "disposition"),
    [
        pytest.param("pdf", "application/pdf", "inline", marks=needs_pango),
        ("docx", word.MEDIA_TYPE, "attachment"),
    ],
)
def test_document_is_served_under_its_name(client, plan, extension, media_type, disposition):
    response = client.get(f"{ADDRESS}.{extension}")
    body_of(response)
    assert response.headers["Content-Type"] == media_type
    assert response.headers["Content-Disposition"] == f'{disposition}; filename="plan-en.{extension}"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert not response.cookies


@pytest.mark.parametrize(
    "path",
    [
        "/en/strategies/plan/plan-es.docx",
        "/en/strategies/plan/other-en.docx",
        "/en/strategies/other/other-en.docx",
        "/en/strategies/plan/plan-en.odt",
        "/xx/strategies/plan/plan-xx.docx",
    ],
    ids=["other-language", "other-name", "no-such-strategy", "no-such-format", "no-such-language"],
)
def test_document_that_is_not_there_is_404_and_makes_nothing(client, plan, path, generated):
    assert client.get(path).status_code == 404
    assert not generated.exists()


@pytest.mark.parametrize(
    "change",
    [{"status": "withdrawn"}, {"status": "unpublished", "first_published_at": None, "last_published_at": None}],
)
def test_document_of_a_strategy_that_is_not_live_is_404(client, plan, change):
    Strategy.objects.filter(slug="plan").update(**change)
    assert client.get(f"{ADDRESS}.docx").status_code == 404


def test_document_is_given_in_parts_but_never_of_two_states(client, plan):
    first = client.get(f"{ADDRESS}.docx")
    content = body_of(first)
    part = client.get(f"{ADDRESS}.docx", headers={"Range": "bytes=0-1"})
    assert (part.status_code, part.getvalue()) == (206, content[:2])
    # Its tag is weak: the same document made twice may differ in its bytes (RFC 9110, section 13.1.5).
    whole = client.get(f"{ADDRESS}.docx", headers={"Range": "bytes=0-1", "If-Range": first.headers["ETag"]})
    assert body_of(whole) == content


def test_conditional_and_head_requests_send_no_file(client, plan):
    first = client.get(f"{ADDRESS}.docx")
    body_of(first)
    tag = {"If-None-Match": first.headers["ETag"]}
    date = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert [client.get(f"{ADDRESS}.docx", headers=headers).status_code for headers in (tag, date)] == [304, 304]
    head = client.head(f"{ADDRESS}.docx")
    head.close()
    assert head.status_code == 200
    assert head.headers["Content-Length"] == first.headers["Content-Length"]


def test_document_is_made_once_and_then_costs_one_query_more_than_none(
    client, plan, monkeypatch, django_assert_num_queries
):
    made = []
    monkeypatch.setattr(
        store, "write", lambda path, content, write=store.write: (made.append(path), write(path, content))
    )
    for _each in range(3):
        body_of(client.get(f"{ADDRESS}.docx"))
    assert len(made) == 1
    with django_assert_num_queries(2):  # scheduled changes, content version
        body_of(client.get(f"{ADDRESS}.docx"))


def test_document_follows_what_is_published_and_no_draft(client, plan):
    def title():
        return word_of(client).core_properties.title

    data = snapshot(plan)
    data["fields"]["title_en"] = "The new plan"
    assert title() == "The plan"
    save_draft(item=plan, data=data, user=None, opened_on=None)
    assert title() == "The plan"
    publish(item=plan, user=None)
    assert title() == "The new plan"


def test_publishing_something_else_makes_no_document_anew(client, plan, generated):
    body_of(client.get(f"{ADDRESS}.docx"))
    before = sorted(generated.rglob("*.docx"))
    other = StrategyFactory(live=False)
    publish(item=other, user=None)
    body_of(client.get(f"{ADDRESS}.docx"))
    assert sorted(generated.rglob("*.docx")) == before


def test_new_document_takes_the_place_of_the_old_one(client, plan, generated):
    body_of(client.get(f"{ADDRESS}.docx"))
    Office.objects.update(name_en="Another name")
    cache.clear()
    body_of(client.get(f"{ADDRESS}.docx"))
    assert len(list(generated.rglob("*.docx"))) == 1
    assert not list(generated.rglob("*.part"))


@pytest.fixture
def waiting():
    """What waits to be renewed beside the requests: nothing of another test."""
    renewal.waiting.clear()
    yield renewal.waiting
    renewal.waiting.clear()


def test_document_is_renewed_when_its_page_is_read_after_a_change(client, plan, generated, waiting):
    body_of(client.get(f"{ADDRESS}.docx"))
    [before] = generated.rglob("*.docx")
    Strategy.objects.update(title_en="The new plan")
    cache.clear()
    client.get("/es/strategies/plan/")
    renewal.renew_waiting()
    [after] = generated.rglob("*.docx")
    assert after != before
    assert Document(after).core_properties.title == "The new plan"


def test_page_renews_no_document_that_nobody_asked_for(client, plan, generated, waiting):
    client.get("/en/strategies/plan/")
    renewal.renew_waiting()
    assert not generated.exists()


def test_document_that_is_still_true_is_not_made_again(client, plan, generated, waiting, monkeypatch):
    body_of(client.get(f"{ADDRESS}.docx"))
    monkeypatch.setattr(store, "write", lambda path, content: pytest.fail("made again"))
    client.get("/en/strategies/plan/")
    renewal.renew_waiting()


def test_strategy_that_is_gone_by_then_is_passed_over(client, plan, generated, waiting):
    body_of(client.get(f"{ADDRESS}.docx"))
    client.get("/en/strategies/plan/")
    Strategy.objects.update(status="withdrawn")
    renewal.renew_waiting()
    assert not waiting


def test_same_source_makes_the_same_word_file(plan):
    source = source_of("plan", "en")
    first, second = word.make(source), word.make(source)
    assert first == second
    assert zipfile.ZipFile(io.BytesIO(first)).testzip() is None


def test_preview_shows_the_draft_and_keeps_no_file(admin_client, plan, generated):
    from cms.publishing.preview import preview_url

    data = snapshot(plan)
    data["fields"]["title_en"] = "The draft"
    save_draft(item=plan, data=data, user=None, opened_on=None)
    response = admin_client.get(preview_url(plan) + "plan-en.docx")
    assert Document(io.BytesIO(body_of(response))).core_properties.title == "The draft"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert not generated.exists()


def test_document_is_made_by_one_while_others_wait(tmp_path):
    path = store.path_of("00000000-0000-0000-0000-000000000000", "en", "docx", "d" * 32)
    made, start = [], threading.Barrier(runner.MOST_IN_LINE)

    def make() -> bytes:
        made.append(1)
        return b"content"

    def ask() -> None:
        start.wait()
        assert store.made(path, make).read_bytes() == b"content"

    threads = [threading.Thread(target=ask) for _each in range(runner.MOST_IN_LINE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_too_many_requests_for_new_documents_are_told_to_come_back(client, plan):
    with full_line():
        response = client.get(f"{ADDRESS}.docx")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert body_of(client.get(f"{ADDRESS}.docx"))


@contextmanager
def full_line():
    """Let as many wait for a document as may."""
    for _each in range(runner.MOST_IN_LINE):
        assert documents.in_line.acquire(blocking=False)
    try:
        yield
    finally:
        for _each in range(runner.MOST_IN_LINE):
            documents.in_line.release()


def test_preview_that_would_wait_too_long_says_so_before_the_first_byte(admin_client, plan, mailoutbox, settings):
    from cms.publishing.preview import preview_url

    settings.ADMINS = [("", "admin@example.org")]
    with full_line():
        response = admin_client.get(preview_url(plan) + "plan-en.docx")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.text.startswith("Many documents")
    assert not mailoutbox


def test_failed_document_leaves_nothing_and_lets_the_next_try(tmp_path):
    path = store.path_of("00000000-0000-0000-0000-000000000000", "en", "docx", "d" * 32)

    def fail() -> bytes:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.made(path, fail)
    assert not path.exists()
    assert store.made(path, lambda: b"content").read_bytes() == b"content"


# --- What takes too long -----------------------------------------------------------------------------------------


def test_document_that_takes_too_long_is_given_up_and_holds_up_no_other(client, plan, monkeypatch):
    other = StrategyFactory(slug="other", title_en="Another")
    body_of(client.get(f"{ADDRESS}.docx"))  # the maker runs
    OutlineEntryFactory(strategy=plan, title_en="Endless", body_en="<p>Text.</p>" * 20_000)
    cache.clear()
    with monkeypatch.context() as short:
        short.setattr(runner, "SECONDS", 0.2)
        short.setattr(runner, "SECONDS_TO_START", 0)
        response = client.get(f"{ADDRESS}.docx")
    assert (response.status_code, response.headers["Retry-After"]) == (503, str(store.SECONDS_GIVEN_UP))
    assert "cannot be made" in response.text
    assert body_of(client.get(f"/en/strategies/{other.slug}/other-en.docx"))


def test_maker_is_killed_with_its_work(plan, monkeypatch):
    maker.make("docx", source_of("plan", "en"))
    process = documents.running()
    endless = replace(source_of("plan", "en"), html=source_of("plan", "en").html.replace("Words.", "w " * 3_000_000))
    with monkeypatch.context() as short:
        short.setattr(runner, "SECONDS", 0.1)
        short.setattr(runner, "SECONDS_TO_START", 0)
        with pytest.raises(Refused, match="time"):
            maker.make("docx", endless)
    assert process.poll() is not None
    assert maker.make("docx", source_of("plan", "en")).startswith(b"PK")


def test_document_that_was_given_up_is_not_tried_again_at_once(tmp_path):
    path, tried = store.path_of("00000000-0000-0000-0000-000000000000", "en", "pdf", "e" * 32), []

    def fail() -> bytes:
        tried.append(1)
        raise Refused("time")

    for _each in range(3):
        with pytest.raises(Refused, match="time"):
            store.made(path, fail)
    assert len(tried) == 1
    os.utime(store.given_up(path), (0, 0))
    assert store.made(path, lambda: b"content").read_bytes() == b"content"


def test_maker_that_breaks_over_a_source_makes_the_next(plan):
    source = source_of("plan", "en")
    with pytest.raises(Refused, match="broken"):
        maker.make("docx", replace(source, html=""))
    assert maker.make("docx", source).startswith(b"PK")


def test_maker_that_ended_by_itself_is_started_again(plan):
    process = documents.running()
    process.kill()
    process.wait()
    assert maker.make("docx", source_of("plan", "en")).startswith(b"PK")


def test_renewal_passes_over_what_cannot_be_made(client, plan, waiting, monkeypatch):
    body_of(client.get(f"{ADDRESS}.docx"))
    Strategy.objects.update(title_en="The new plan")
    monkeypatch.setattr(documents, "ask", lambda job, files: ({"reason": "broken", "detail": ""}, {}))
    renewal.renew("plan", "en")
    assert not documents.working.locked()


def test_stored_table_with_huge_spans_is_laid_out_within_limits(plan):
    OutlineEntryFactory(strategy=plan, anchor="wide", title_en="Wide")
    table = (
        '<table><tbody><tr><td colspan="1000000" rowspan="1000000">x</td></tr></tbody></table><ol start="1e9"></ol>'
    )
    with connection.cursor() as cursor:  # round the sanitiser, as it was before it had limits
        cursor.execute("UPDATE priorities_outlineentry SET body_en = %s WHERE anchor = 'wide'", [table])
    html = source_of("plan", "en").html
    assert '<td colspan="50" rowspan="50">x</td>' in html
    assert '<ol start="1"></ol>' in html


def test_strategy_page_offers_the_documents_with_their_size_once_known(client, plan):
    assert 'href="/es/strategies/plan/plan-es.docx" hreflang="es"' in client.get("/en/strategies/plan/").text
    content = body_of(client.get(f"{ADDRESS}.docx"))
    page = client.get("/en/strategies/plan/").text
    assert f"{len(content) / 1024:.1f}\xa0KB" in page


@pytest.mark.parametrize("scale", [1, 8])
def test_source_costs_the_same_queries_at_any_size(plan, scale, django_assert_max_num_queries):
    for number in range(scale):
        objective = ObjectiveFactory(strategy=plan, code=f"x{number}")
        AlignmentFactory(objective=objective)
        PartnershipFactory(office=plan.office)
        OutlineEntryFactory(strategy=plan, body_en="<p>Text.</p>")
    assert connection.features.supports_json_field  # Django asks the database once a process
    with django_assert_max_num_queries(12):
        source_of("plan", "en")


# --- Scripts without a font, and what editors are told -----------------------------------------------------------

LINEAR_A = "\U00010600\U00010601\U00010602"  # a script that no system has a font of


@needs_pango
def test_text_without_a_font_is_refused_in_words_to_reader_and_editor(client, admin_client, plan):
    Strategy.objects.update(title_en=f"{LINEAR_A} 2020")
    response = client.get(f"{ADDRESS}.pdf")
    assert (response.status_code, response.headers["Retry-After"]) == (503, str(store.SECONDS_GIVEN_UP))
    assert f"no font with these characters of its text: {' '.join(LINEAR_A)}.\nRead the page instead" in response.text
    assert body_of(client.get("/es/strategies/plan/plan-es.pdf"))
    assert body_of(client.get(f"{ADDRESS}.docx"))
    for page in ("change", "review"):
        shown = admin_client.get(reverse(f"admin:priorities_strategy_{page}", args=[plan.pk])).text
        assert "plan-en.pdf" in shown.split("not-made")[1]
        assert "install a font" in shown


@needs_pango
def test_editor_is_told_no_more_once_the_document_is_made(client, admin_client, plan):
    before = Strategy.objects.get().title_en
    Strategy.objects.update(title_en=LINEAR_A)
    assert client.get(f"{ADDRESS}.pdf").status_code == 503
    Strategy.objects.update(title_en=before)
    cache.clear()
    body_of(client.get(f"{ADDRESS}.pdf"))
    assert "not-made" not in admin_client.get(reverse("admin:priorities_strategy_change", args=[plan.pk])).text


@needs_pango
def test_preview_of_a_text_without_a_font_says_so(admin_client, plan):
    from cms.publishing.preview import preview_url

    Strategy.objects.update(title_en=LINEAR_A)
    response = admin_client.get(preview_url(plan) + "plan-en.pdf")
    assert response.status_code == 503
    assert LINEAR_A[0] in response.text


def test_signs_that_are_not_drawn_need_no_font(client, plan):
    Strategy.objects.update(title_en="The\u200b plan\xad\u2060\u200e\u2028 of\u00a0all\ufeff")
    assert body_of(client.get(f"{ADDRESS}.pdf"))


HOSTILE = {
    "unquoted-span": "<table><tr><td colspan=1000000>x</table>",
    "deep": "<blockquote>" * 3_000 + "x",
    "deep-lists": "<ul><li>" * 1_000 + "x",
    "many-tables": "<table><tr><td>" * 200 + "x",
    "huge-start": "<ol start=100000000000000000000><li>x</ol>",
    "no-number": "<ol start=\u00b2\u0661><li>x</ol>",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("extension", [pytest.param("pdf", marks=needs_pango), "docx"])
def test_hostile_text_is_made_or_refused_in_words_and_the_next_document_is_made(
    client, plan, monkeypatch, name, extension
):
    monkeypatch.setattr(runner, "SECONDS", 3)
    monkeypatch.setattr(runner, "SECONDS_TO_START", 0)
    OutlineEntryFactory(strategy=plan, anchor="hostile", title_en="Hostile")
    with connection.cursor() as cursor:  # round the sanitiser, as somebody with the database's password could
        cursor.execute("UPDATE priorities_outlineentry SET body_en = %s WHERE anchor = 'hostile'", [HOSTILE[name]])
    response = client.get(f"{ADDRESS}.{extension}")
    if response.status_code == 503:
        assert "cannot be made" in response.text
    else:
        body = body_of(response)
        assert body.startswith(b"%PDF" if extension == "pdf" else b"PK")
        if extension == "docx":
            assert 'w:startOverride w:val="1"' in Document(io.BytesIO(body)).part.numbering_part.element.xml
    other = StrategyFactory()
    assert body_of(client.get(f"/en/strategies/{other.slug}/{other.slug}-en.{extension}"))


def test_documents_of_a_regional_language_are_not_taken_for_those_of_its_base(tmp_path, generated):
    key = "00000000-0000-0000-0000-000000000001"
    regional, base = (store.path_of(key, language, "docx", "a" * 32) for language in ("pt-br", "pt"))
    store.made(regional, lambda: b"regional")
    assert store.latest_size(key, "pt", "docx") is None
    store.made(base, lambda: b"base")
    assert regional.read_bytes() == b"regional"
