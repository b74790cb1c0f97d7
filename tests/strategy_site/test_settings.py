"""What stops the start, and what production is started with."""

import json
import re

import pytest
from django.conf import settings

from tests.strategy_site.processes import PRODUCTION, run_manage, run_python

REQUIRED = ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "VAR_DIR", "EMAIL_URL", "DEFAULT_FROM_EMAIL"]


@pytest.fixture
def production(tmp_path):
    return PRODUCTION | {"VAR_DIR": str(tmp_path)}


def evaluate(expression: str, **environment: str):
    """Return what an expression on ``settings`` is in another process."""
    code = f"import json; from strategy_site import settings; print(json.dumps({expression}))"
    result = run_python("-c", code, **environment)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_production_starts_clean_with_all_that_it_needs(production):
    result = run_manage("check", "--deploy", "--fail-level", "INFO", **production)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", REQUIRED)
def test_production_refuses_to_start_without(production, name):
    result = run_manage("check", **production | {name: ""})
    assert result.returncode == 1
    assert f"  {name}: " in result.stderr
    assert "Traceback" not in result.stderr


def test_production_names_all_that_is_missing_at_once(tmp_path):
    result = run_manage("check", ENVIRONMENT="production")
    assert [line.split(":")[0].strip() for line in result.stderr.splitlines()[1:]] == REQUIRED


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "live"),
        ("DEBUG", "flase"),
        ("DEBUG", "true"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("ALLOWED_HOSTS", "*"),
        ("SITE_URL", "strategy.example.org"),
        ("VAR_DIR", "/dev/null/folder"),
        ("DATABASE_URL", "mysql://host/name"),
        ("DATABASE_URL", "nonsense"),
        ("REDIS_URL", "memcached://host"),
        ("LANGUAGES", "en,xx"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("LOG_LEVEL", "loud"),
        ("EMAIL_URL", "pigeon://loft"),
        ("MAX_IMAGE_BYTES", "ten"),
        ("TRUSTED_PROXY_COUNT", "-1"),
        ("SECURE_SSL_REDIRECT", "maybe"),
    ],
)
def test_bad_value_stops_the_start_and_is_named(production, name, value):
    result = run_manage("check", **production | {name: value})
    assert result.returncode == 1
    assert name in result.stderr
    assert "Traceback" not in result.stderr


def test_development_says_that_it_is_not_to_be_deployed(tmp_path):
    result = run_manage("check", "--deploy", "--fail-level", "WARNING", VAR_DIR=str(tmp_path))
    assert result.returncode == 1
    assert "This is a development site" in result.stderr


def test_production_cookies_and_redirects_are_secure(production):
    names = [
        "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY",
        "SECURE_SSL_REDIRECT", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_CONTENT_TYPE_NOSNIFF",
    ]  # fmt: skip
    expression = f"[getattr(settings, name) for name in {names}]"
    assert evaluate(expression, **production) == [True] * len(names)


@pytest.mark.parametrize(("count", "trusted"), [("0", False), ("1", True)])
def test_forwarded_scheme_is_believed_only_behind_our_own_proxy(production, count, trusted):
    expression = "hasattr(settings, 'SECURE_PROXY_SSL_HEADER')"
    assert evaluate(expression, **production | {"TRUSTED_PROXY_COUNT": count}) is trusted


def test_sqlite_waits_for_writers_and_keeps_its_connection():
    options = settings.DATABASES["default"]
    if options["ENGINE"] != "django.db.backends.sqlite3":
        pytest.skip("this run is on PostgreSQL")
    assert options["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in options["OPTIONS"]["init_command"]
    assert options["CONN_MAX_AGE"] is None


def test_every_variable_is_in_the_operators_manual():
    read = set(
        re.findall(
            r"""env\.(?:text|words|choice|boolean|integer|seconds|command|site_url|database|mail)\(\s*["']([A-Z_]+)["']""",
            (settings.BASE_DIR / "strategy_site" / "settings.py").read_text(),
        )
    )
    manual = (settings.BASE_DIR / "docs" / "operators.md").read_text()
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", manual, re.MULTILINE)) == read
