"""The reference client keeps a copy that equals the public content, whatever happens meanwhile."""

import json

import pytest
from django.core.management import call_command

from cms.api.bulk import make_export
from cms.api.models import ApiKey
from cms.api.records import all_records
from cms.content.registry import content_models
from cms.publishing import actions
from tests.clients.site import LocalSite, MemoryCopy, client
from tests.factories import OfficeFactory, SectionFactory, StrategyFactory


def public_content() -> dict[str, dict[str, dict]]:
    """Return every public record by type and identifier."""
    found = {model.collection: {record["id"]: record for record in all_records(model)} for model in content_models()}
    return {name: records for name, records in found.items() if records}


def content_of(copy) -> dict[str, dict[str, dict]]:
    return {type: {record["id"]: record for record in copy.records(type)} for type in copy.types()}


@pytest.fixture
def site(db):
    return LocalSite()


@pytest.mark.parametrize(
    ("kind", "name"),
    [pytest.param(client.SqliteCopy, "c.sqlite", id="sqlite"), pytest.param(client.JsonCopy, "c.json", id="json")],
)
def test_copy_is_made_and_kept_in_step(site, tmp_path, kind, name):
    SectionFactory()
    office, strategy = OfficeFactory(), StrategyFactory(live=False)
    with kind(tmp_path / name) as copy:
        client.synchronize(site, copy)
        made = content_of(copy) == public_content()
        actions.unpublish(item=office, user=None)
        actions.publish(item=strategy, user=None)
    with kind(tmp_path / name) as copy:
        client.synchronize(site, copy)
        assert (made, content_of(copy)) == (True, public_content())


def test_copy_of_a_former_site_starts_over(site):
    copy = MemoryCopy()
    copy.token = "0" * 12 + "-5"
    copy.put({"type": "offices", "id": "gone"})
    OfficeFactory()
    client.synchronize(site, copy)
    assert content_of(copy) == public_content()


def test_changes_between_export_and_first_look_are_followed(site):
    OfficeFactory()
    make_export()
    actions.publish(item=OfficeFactory(live=False), user=None)
    copy = MemoryCopy()
    assert client.synchronize(site, copy) == 1
    assert content_of(copy) == public_content()


def test_error_is_told_in_the_sites_words(site):
    with pytest.raises(client.SiteError, match="since"):
        site.get("changes/", since="nonsense")


def test_address_without_a_scheme_is_refused():
    with pytest.raises(ValueError, match="https://"):
        client.Site("strategy.example.org")


@pytest.mark.django_db(transaction=True)
def test_command_line_keeps_a_json_copy_over_http(live_server, tmp_path, capsys):
    call_command("migrate", verbosity=0)
    OfficeFactory(name_en="Example office")
    row = ApiKey(name="Client")
    (tmp_path / "key").write_text(row.renew())
    row.save()
    path = tmp_path / "copy.json"
    code = client.main([live_server.url, str(path), "--key-file", str(tmp_path / "key")])
    records = json.loads(path.read_text(encoding="utf-8"))["records"]
    assert (code, [office["name"] for office in records["offices"].values()]) == (0, [{"en": "Example office"}])
    assert "1 records" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_download_goes_on_where_it_was_cut_off(live_server, tmp_path):
    OfficeFactory()
    site = client.Site(live_server.url)
    file = next(file for file in site.export()["files"] if file["name"] == "offices.jsonl")
    path = tmp_path / "part"
    path.write_bytes(site.open(file["url"]).read()[:10])
    site.download(file, path)
    assert client.sha256_of(path) == file["sha256"]


@pytest.mark.django_db(transaction=True)
def test_damaged_download_begins_anew(live_server, tmp_path):
    OfficeFactory()
    site = client.Site(live_server.url)
    file = next(file for file in site.export()["files"] if file["name"] == "offices.jsonl")
    path = tmp_path / "part"
    path.write_bytes(b"x" * 10)
    site.download(file, path)
    assert client.sha256_of(path) == file["sha256"]


def test_file_that_is_no_copy_is_told(tmp_path, capsys):
    path = tmp_path / "copy.sqlite"
    path.write_text("no database " * 100)
    assert client.main(["http://127.0.0.1:9", str(path)]) == 1
    assert "could not be brought up to date" in capsys.readouterr().err
