"""Files that only a draft has: for those who may see the draft, and for nobody else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from lxml import html

from cms.publishing import actions
from tests.admin_forms import page_data
from tests.drafts import drafted
from tests.factories import DocumentFactory, OfficeFactory, StrategyFactory
from tests.files import pdf

pytestmark = pytest.mark.django_db

PDF = pdf("of the draft")


def form_of(strategy):
    return reverse("admin:priorities_strategy_change", args=[strategy.pk])


@pytest.fixture
def strategy():
    return StrategyFactory(office=OfficeFactory(slug="own"))


@pytest.fixture
def uploaded(admin_client, strategy):
    """The address that the form gives of a file that was uploaded into a draft."""
    data = page_data(admin_client.get(form_of(strategy)))
    data |= {
        "documents-TOTAL_FORMS": ["1"],
        "documents-0-strategy": [str(strategy.pk)],
        "documents-0-language": ["en"],
        "documents-0-title": ["Draft file"],
        "documents-0-file": SimpleUploadedFile("secret-plan.pdf", PDF, "application/pdf"),
    }
    admin_client.post(form_of(strategy), data)
    assert drafted(strategy)["children"]["documents"]
    page = html.fromstring(admin_client.get(form_of(strategy)).content.decode())
    return next(url for url in page.xpath("//a/@href") if "/admin/files/" in url)


def read(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_author_downloads_what_the_draft_holds(admin_client, uploaded):
    response = admin_client.get(uploaded)
    assert (response.status_code, read(response)) == (200, PDF)
    assert "attachment" in response.headers["Content-Disposition"]


@pytest.mark.parametrize("role", ["translator", "editor", "publisher", "administrator"])
def test_draft_file_is_for_those_who_may_see_the_draft(client, log_in, strategy, uploaded, role):
    log_in(role, strategy.office, ["es"] if role == "translator" else ())
    assert read(client.get(uploaded)) == PDF


@pytest.mark.parametrize("role", ["translator", "editor", "publisher", "administrator", None])
def test_draft_file_is_for_nobody_of_another_office(client, log_in, uploaded, role):
    log_in(role, OfficeFactory(), ["es"] if role == "translator" else ())
    assert client.get(uploaded).status_code == 403


def test_draft_file_is_for_nobody_without_an_account(client, strategy, uploaded):
    assert client.get(uploaded).status_code == 302
    pk = drafted(strategy)["children"]["documents"][0]["id"]
    assert client.get(f"/documents/{pk}/secret-plan.pdf").status_code == 404


def test_item_of_one_s_own_opens_no_row_of_another(client, log_in, strategy, uploaded):
    own = StrategyFactory()
    log_in("editor", own.office)
    assert client.get(f"{uploaded.split('?')[0]}?of={own.pk}").status_code == 404


@pytest.mark.parametrize("key", ["", "x", "\0", "00000000-0000-0000-0000-000000000000"])
def test_item_that_is_not_there_is_404(admin_client, uploaded, key):
    assert admin_client.get(uploaded.split("?")[0], {"of": key}).status_code == 404


def test_file_that_was_replaced_in_the_draft_is_the_draft_s(admin_client, client, strategy):
    document = DocumentFactory(strategy=strategy)
    data = page_data(admin_client.get(form_of(strategy)))
    data["documents-0-file"] = SimpleUploadedFile("newer.pdf", PDF, "application/pdf")
    admin_client.post(form_of(strategy), data)
    url = reverse("admin:uploaded_file", args=["priorities.document", document.pk, "file"])
    assert read(admin_client.get(url)) == PDF
    assert read(client.get(document.get_absolute_url())) != PDF
    actions.discard(item=strategy, user=None)
    assert read(admin_client.get(url)) != PDF
