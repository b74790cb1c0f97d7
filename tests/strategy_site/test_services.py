"""PostgreSQL and Redis as an operator sets them, on servers of our own where they are installed."""

import shutil
import subprocess
import time

import pytest

from tests.postgresql import NoServerError, private_server
from tests.strategy_site.processes import run_python

RECONNECT = """
import django, psycopg
django.setup()
from django.db import connection
from django.conf import settings

def ask():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    connection.close()  # as at the end of a request: back into the pool
    return pid

backends = {ask() for _ in range(20)}
assert len(backends) <= 8, "the pool does not keep connections"
with psycopg.connect(host=settings.DATABASES["default"]["OPTIONS"]["host"], user="tests", dbname="postgres") as other:
    for pid in backends:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
assert not backends & {ask() for _ in range(20)}
"""

CACHE = """
import django
django.setup()
from django.core.cache import cache

cache.set("key", {"a": [1, "ü"]}, timeout=60)
assert type(cache._cache).__module__.startswith("django.core.cache.backends.redis")
assert cache.get("key") == {"a": [1, "ü"]}
"""


def run_code(code: str, **environment: str):
    """Run Python code under the site's settings in a process of its own."""
    return run_python("-c", code, DJANGO_SETTINGS_MODULE="strategy_site.settings", **environment)


def test_postgresql_pool_survives_a_connection_that_was_cut(tmp_path):
    try:
        with private_server() as url:
            result = run_python(
                "-c",
                RECONNECT,
                DATABASE_URL=url,
                VAR_DIR=str(tmp_path),
                DJANGO_SETTINGS_MODULE="strategy_site.settings",
            )
    except NoServerError as error:
        pytest.skip(str(error))
    assert result.returncode == 0, result.stderr


@pytest.fixture
def redis_url(tmp_path_factory):
    program = shutil.which("redis-server")
    if not program:
        pytest.skip("redis-server is not installed")
    path = tmp_path_factory.mktemp("redis") / "socket"
    command = [program, "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=path.parent)  # noqa: S603 - our own arguments
    try:
        end = time.monotonic() + 10
        while not path.exists() and time.monotonic() < end:
            time.sleep(0.05)
        yield f"unix://{path}"
    finally:
        server.terminate()
        server.wait()


def test_redis_is_the_cache_when_it_is_set(redis_url, tmp_path):
    result = run_code(CACHE, REDIS_URL=redis_url, VAR_DIR=str(tmp_path))
    assert result.returncode == 0, result.stderr
