#!/usr/bin/env python3
"""Keep a copy of a strategy site's public content in step with it.

One file, nothing but Python's standard library, Python 3.9 or newer.

From the command line::

    python strategy_site_client.py https://strategy.example.org copy.sqlite
    python strategy_site_client.py https://strategy.example.org copy.json --key-file key.txt

The first run downloads the complete export, every later one what changed since. A copy in SQLite has one table
``records`` (type, id, data: the record as JSON); a copy in JSON is
``{"token": ..., "records": {type: {id: record}}}``.

From Python::

    site = Site("https://strategy.example.org")
    with SqliteCopy("copy.sqlite") as copy:
        synchronize(site, copy)
        for office in copy.records("offices"):
            print(office["name"].get("es") or office["name"]["en"])

Copyright the Strategy Site contributors. BSD-3-Clause.
"""

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import sqlite3
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

API = "/api/v1/"
JSON_LINES = "application/x-ndjson"
TIMEOUT = 60  # seconds without a byte
ATTEMPTS = 6
LONGEST_PAUSE = 300  # seconds
BLOCK = 1 << 16  # bytes


class SiteError(Exception):
    """What the site answered instead of content, in its own words (RFC 9457)."""

    def __init__(self, status, problem):
        self.status, self.problem = status, problem
        super().__init__(f"{status} {problem.get('title', '')}: {problem.get('detail', '')}")


class StartOver(Exception):
    """The copy's token is too old for the site, or of another site: begin again with an export."""


class Site:
    """The API of one site. ``key`` is sent with every request; without one a lower limit of requests holds."""

    def __init__(self, url, key=None, pause=time.sleep):
        self.url = url.rstrip("/")
        if urllib.parse.urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError(f"{url} is no address of a site: it begins with https://")
        self.key = key
        self.pause = pause

    def open(self, address, headers=None):
        """Return the answer to a GET, as a file. Waits and asks again while the site is busy or away."""
        url = urllib.parse.urljoin(self.url + API, address)
        request = urllib.request.Request(url, headers=headers or {})  # noqa: S310 - http or https, see __init__
        request.add_header("User-Agent", "strategy-site-client/1")
        if self.key and url.startswith(self.url + "/"):  # the key is for this site alone, redirects left out too
            request.add_unredirected_header("Authorization", f"Bearer {self.key}")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return urllib.request.urlopen(request, timeout=TIMEOUT)  # noqa: S310 - the same request
            except urllib.error.HTTPError as error:
                with error:
                    problem = self.problem_of(error)
                if error.code not in (429, 500, 502, 503, 504) or attempt == ATTEMPTS:
                    raise SiteError(error.code, problem) from None
                wait = error.headers.get("Retry-After", "")
                self.pause(min(int(wait), LONGEST_PAUSE) if wait.isdigit() else 2**attempt)
            except OSError:
                if attempt == ATTEMPTS:
                    raise
                self.pause(2**attempt)
        raise AssertionError("not reached")

    @staticmethod
    def problem_of(error):
        try:
            problem = json.load(error)
        except ValueError:
            problem = {}
        return problem if isinstance(problem, dict) else {}

    def get(self, address, **parameters):
        """Return the JSON at ``address``."""
        query = urllib.parse.urlencode(parameters)
        with self.open(f"{address}?{query}" if query else address) as answer:
            return json.load(answer)

    def export(self):
        """Return the description of the newest complete export."""
        return self.get("exports/")

    def download(self, file, path):
        """Write a file of an export to ``path``; goes on where it was cut off, and checks the SHA-256."""
        for _attempt in range(ATTEMPTS):
            path.touch()
            have = path.stat().st_size
            if have < file["size"]:
                headers = {"Range": f"bytes={have}-"} if have else {}
                with self.open(file["url"], headers) as answer:
                    with path.open("ab" if answer.status == 206 else "wb") as target:
                        with contextlib.suppress(OSError, http.client.HTTPException):  # cut off: go on from here
                            while block := answer.read(BLOCK):
                                target.write(block)
            if path.stat().st_size == file["size"]:
                if sha256_of(path) == file["sha256"]:
                    return
                path.unlink()
        raise OSError(f"{file['url']} could not be downloaded whole")

    def changes(self, token):
        """Yield pairs of a list of changes and the token they lead to, until there are no more."""
        while True:
            try:
                page = self.get("changes/", since=token, include="records", limit=200)
            except SiteError as error:
                if error.status == 410:
                    raise StartOver(str(error)) from None
                raise
            token = page["token"]
            yield page["results"], token
            if not page["has_more"]:
                return


def sha256_of(path):
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


class SqliteCopy:
    """A copy in an SQLite file. What belongs together is written in one transaction."""

    def __init__(self, path):
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        self.connection.execute(
            "CREATE TABLE IF NOT EXISTS records (type TEXT, id TEXT, data TEXT NOT NULL, PRIMARY KEY (type, id))"
        )

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.connection.close()

    @contextlib.contextmanager
    def writing(self):
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    @property
    def token(self):
        row = self.connection.execute("SELECT value FROM state WHERE name = 'token'").fetchone()
        return row and row[0]

    @token.setter
    def token(self, value):
        self.connection.execute("INSERT OR REPLACE INTO state VALUES ('token', ?)", [value])

    def clear(self):
        self.connection.execute("DELETE FROM records")

    def put(self, record):
        row = [record["type"], record["id"], json.dumps(record, ensure_ascii=False)]
        self.connection.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", row)

    def remove(self, type, key):
        self.connection.execute("DELETE FROM records WHERE type = ? AND id = ?", [type, key])

    def records(self, type):
        """Yield the records of a type, in the order of their identifiers."""
        query = "SELECT data FROM records WHERE type = ? ORDER BY id"
        for (data,) in self.connection.execute(query, [type]):
            yield json.loads(data)

    def types(self):
        return [row[0] for row in self.connection.execute("SELECT DISTINCT type FROM records ORDER BY type")]


class JsonCopy:
    """A copy in a JSON file, which is replaced as a whole."""

    def __init__(self, path):
        self.path = Path(path)
        self.token, self.stored = None, {}
        if self.path.exists():
            content = json.loads(self.path.read_text(encoding="utf-8"))
            self.token, self.stored = content["token"], content["records"]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    @contextlib.contextmanager
    def writing(self):
        yield
        content = {"token": self.token, "records": self.stored}
        handle, name = tempfile.mkstemp(dir=self.path.parent or ".", prefix=self.path.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
        os.replace(name, self.path)

    def clear(self):
        self.stored = {}

    def put(self, record):
        self.stored.setdefault(record["type"], {})[record["id"]] = record

    def remove(self, type, key):
        self.stored.get(type, {}).pop(key, None)

    def records(self, type):
        """Yield the records of a type, in the order of their identifiers."""
        for key in sorted(self.stored.get(type, {})):
            yield self.stored[type][key]

    def types(self):
        return sorted(type for type, records in self.stored.items() if records)


def start_over(site, copy):
    """Fill ``copy`` from a complete export."""
    with tempfile.TemporaryDirectory() as folder:
        export, paths = whole_export(site, Path(folder))
        with copy.writing():
            copy.clear()
            for path in paths:
                with path.open(encoding="utf-8") as lines:
                    for line in lines:
                        copy.put(json.loads(line))
            copy.token = export["token"]


def whole_export(site, folder):
    """Return the newest export and the paths of its records, downloaded into ``folder``.

    An export that holds what is withdrawn while it is downloaded ends (410); then the next one is taken.
    """
    for attempt in range(1, ATTEMPTS + 1):
        export, paths = site.export(), []
        try:
            for number, file in enumerate(export["files"]):
                if file["media_type"] == JSON_LINES:
                    path = folder / f"{attempt}-{number}.jsonl"
                    site.download(file, path)
                    paths.append(path)
            return export, paths
        except SiteError as error:
            if error.status != 410 or attempt == ATTEMPTS:
                raise
    raise AssertionError("not reached")


def follow(site, copy):
    """Bring ``copy`` up to date and return how many changes there were; raises :class:`StartOver`."""
    count = 0
    for changes, token in site.changes(copy.token):
        with copy.writing():
            for change in changes:
                if change["record"] is None:  # deleted, or not public any more: a later change says so
                    copy.remove(change["type"], change["id"])
                else:
                    copy.put(change["record"])
            copy.token = token
        count += len(changes)
    return count


def synchronize(site, copy):
    """Make or update ``copy`` and return how many changes were followed after the export, if there was one."""
    if not copy.token:
        start_over(site, copy)
    try:
        return follow(site, copy)
    except StartOver:
        start_over(site, copy)
        return follow(site, copy)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Keep a copy of a strategy site's public content.")
    parser.add_argument("site", help="address of the site: https://strategy.example.org")
    parser.add_argument("copy", help="file of the copy: *.json, or *.sqlite")
    parser.add_argument("--key-file", type=Path, help="file that holds the API key; else STRATEGY_SITE_KEY is read")
    options = parser.parse_args(arguments)
    key = options.key_file.read_text().strip() if options.key_file else os.environ.get("STRATEGY_SITE_KEY")
    site = Site(options.site, key)
    try:
        with (JsonCopy if options.copy.endswith(".json") else SqliteCopy)(options.copy) as copy:
            count = synchronize(site, copy)
            held = sum(1 for type in copy.types() for _record in copy.records(type))
            print(f"{held} records, {count} changes followed, at change token {copy.token}.")
    except (SiteError, StartOver, OSError, ValueError, http.client.HTTPException, sqlite3.Error) as error:
        print(f"The copy could not be brought up to date: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
