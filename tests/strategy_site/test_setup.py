"""The steps of `make run`: each does what is missing, and no more."""

import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.translation import trans_real

from regions.models import Office
from strategy_site import exclusive, setup
from strategy_site.management.commands import serve
from tests.factories import OfficeFactory
from tests.postgresql import NoServerError, private_server
from tests.strategy_site.processes import run_manage

CATALOGUE = """
msgid ""
msgstr ""
"Language: fr\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "strategy"
msgstr "stratégie"

#, fuzzy
msgid "office"
msgstr "officine"
"""


@pytest.fixture
def catalogue(tmp_path) -> Path:
    path = tmp_path / "fr" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(CATALOGUE)
    return path


def test_translations_are_compiled_without_fuzzy_ones(catalogue, tmp_path):
    assert setup.compile_translations([tmp_path]) == [catalogue]
    with catalogue.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    assert compiled["strategy"].string == "stratégie"
    assert "office" not in compiled


def test_translations_are_compiled_once_until_they_change(catalogue, tmp_path):
    setup.compile_translations([tmp_path])
    assert setup.compile_translations([tmp_path]) == []
    os.utime(catalogue, (2_000_000_000, 2_000_000_000))
    assert setup.compile_translations([tmp_path]) == [catalogue]


def test_static_files_are_collected_once_until_they_change(settings, tmp_path):
    settings.VAR_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    (tmp_path / "source").mkdir()
    source = tmp_path / "source" / "site.css"
    source.write_text("a {}")
    assert setup.collect_static() is True
    assert (tmp_path / "static" / "site.css").read_text() == "a {}"
    assert setup.collect_static() is False
    source.write_text("a { color: red }")
    assert setup.collect_static() is True


@pytest.fixture
def imports(monkeypatch):
    """Record the packages that are imported, and make an office of each instead."""
    seen = []

    def call(command, *arguments, **options):
        if command != "import_content":
            return call_command(command, *arguments, **options)
        assert connection.in_atomic_block
        (package,) = arguments
        seen.append((command, package))
        if Path(package).name == "broken":
            raise CommandError("The package is broken.")
        return OfficeFactory(slug=Path(package).name)

    monkeypatch.setattr(setup, "call_command", call)
    return seen


@pytest.mark.django_db
def test_content_is_loaded_into_an_empty_site(imports):
    assert setup.load_content([Path("a"), Path("b")]) is True
    assert imports == [("import_content", "a"), ("import_content", "b")]


@pytest.mark.django_db
def test_content_is_not_loaded_beside_other_content(imports):
    OfficeFactory(live=False)
    assert setup.load_content([Path("a")]) is False
    assert imports == []


@pytest.mark.django_db(transaction=True)
def test_content_that_fails_half_way_leaves_nothing(imports):
    with pytest.raises(CommandError):
        setup.load_content([Path("a"), Path("broken")])
    assert not Office.objects.exists()


@pytest.mark.django_db
def test_administrator_can_log_in_with_the_password_announced(client):
    told = []
    assert setup.create_administrator(lambda *login: told.append(login)) is True
    ((name, password),) = told
    client.post("/admin/login/", {"username": name, "password": password})
    assert client.get("/admin/").status_code == 200


@pytest.mark.django_db
def test_administrator_is_not_created_beside_another(admin_user):
    assert setup.create_administrator(lambda *login: pytest.fail("announced")) is False


@pytest.mark.django_db
def test_administrator_leaves_an_account_of_that_name_alone():
    get_user_model().objects.create_user(setup.ADMINISTRATOR)
    told = []
    setup.create_administrator(lambda *login: told.append(login))
    assert told[0][0] != setup.ADMINISTRATOR
    assert get_user_model().objects.get(username=setup.ADMINISTRATOR).is_superuser is False


@pytest.mark.django_db(transaction=True)
def test_administrator_whose_password_was_not_shown_does_not_exist():
    def interrupted(name, password):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        setup.create_administrator(interrupted)
    assert not get_user_model().objects.exists()


def test_setup_says_who_must_compile_what_it_may_not_write(settings, catalogue, tmp_path, monkeypatch):
    def refuse(path, content):
        raise PermissionError(13, "Permission denied", str(path))

    settings.LOCALE_PATHS = [tmp_path]
    monkeypatch.setattr(setup, "write_whole", refuse)
    with pytest.raises(CommandError, match="django.mo cannot be written. Run 'manage.py compilemessages'"):
        call_command("setup_site")


def test_setup_names_a_package_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="no content package at .*nowhere"):
        call_command("setup_site", content=[tmp_path / "nowhere"])


@pytest.mark.parametrize("port", ["", "http", "0", "70000", "-1", "٣"])
def test_serve_names_a_port_that_is_none(port):
    with pytest.raises(CommandError, match="PORT is"):
        serve.Command().free_port(port)


def test_serve_names_a_port_in_use():
    with socket.socket() as other:
        other.bind((serve.HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} cannot be used .* make run PORT={port + 1}"):
            serve.Command().free_port(str(port))


@pytest.fixture
def empty_folders(settings, tmp_path):
    """A site whose folders hold nothing, with few static files."""
    settings.VAR_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]


@pytest.mark.django_db
def test_second_setup_loads_nothing_and_says_no_password(empty_folders, imports, tmp_path, capsys):
    package = tmp_path / "package"
    package.mkdir()
    call_command("setup_site", content=[package])
    first = capsys.readouterr().out
    assert "This is a development site" in first
    assert "Loading the content of package." in first
    assert "password  " in first
    call_command("setup_site", content=[package])
    second = capsys.readouterr().out
    assert "password" not in second
    assert "Loading" not in second
    assert len(imports) == 1


@pytest.mark.django_db
def test_setup_in_production_loads_and_creates_nothing_unasked(empty_folders, imports, settings):
    settings.PRODUCTION = True
    call_command("setup_site")
    assert imports == []
    assert not get_user_model().objects.exists()


@pytest.mark.django_db
def test_setup_reads_translations_after_they_were_compiled(empty_folders, imports):
    """Else the search of a new site holds what is translated in English."""
    before = trans_real.translation("es")
    call_command("setup_site", administrator=False)
    assert trans_real.translation("es") is not before


@pytest.mark.django_db
def test_what_failed_holds_nobody_off(monkeypatch):
    """A process goes on after a failure, with the same pool of connections."""

    def waits(_seconds):
        pytest.fail("it is still held")

    monkeypatch.setattr(exclusive.time, "sleep", waits)
    with pytest.raises(ValueError, match="failed"), exclusive.exclusively("try"):
        raise ValueError("failed")
    other = connection.copy()
    other.ensure_connection()  # of a pool, the connection that was given back
    try:
        with exclusive.exclusively("try"):
            pass
    finally:
        other.close()


def test_two_machines_may_set_up_one_empty_database_at_once(tmp_path):
    try:
        with private_server() as url, ThreadPoolExecutor() as machines:
            places = [str(tmp_path / name) for name in "ab"]
            done = list(machines.map(lambda place: run_manage("setup_site", DATABASE_URL=url, VAR_DIR=place), places))
    except NoServerError as error:
        pytest.skip(str(error))
    assert [result.returncode for result in done] == [0, 0], [result.stderr for result in done]
    assert sum("Loading the content" in result.stdout for result in done) == 1
    assert sum("shown this once" in result.stdout for result in done) == 1
