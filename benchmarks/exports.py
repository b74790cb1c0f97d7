"""``python -m benchmarks.exports``: how much memory an export of 100,000 records and its downloads take.

Generated content is written to an empty database. Then a fresh process, as a server's is after its first request,
makes the export and sends every file of it, and says by how much it grew at its highest.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

BUDGET_MB = 50.0
PER_UNIT = 112  # public items of a generated unit
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "strategy_site.settings",
    "ENVIRONMENT": "development",
    "DEBUG": "",
    "ALLOWED_HOSTS": "testserver",
    "API_ANONYMOUS_QUOTA": "0",
}


def peak_bytes() -> int:
    """Return the most memory that this process has had so far.

    ``getrusage`` on Linux counts what the process had that started this one as well (getrusage(2), "ru_maxrss").
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def present_bytes() -> int:
    """Return the memory that this process has now, or the most so far where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return peak_bytes()
    return pages * os.sysconf("SC_PAGE_SIZE")


def fill(records: int) -> None:
    """Write at least ``records`` public items to an empty database, without the search index: no export reads it."""
    from strategy_site.generated.content import generate

    with mock.patch("cms.search.index.update"):
        generate(-(-records // PER_UNIT), lambda unit, rows: None)


def measure() -> dict[str, float]:
    """Make the export in this process, download every file of it, and return what that took."""
    from django.test import Client

    from cms.api.bulk import make_export
    from cms.content.registry import content_models, public_rows

    client = Client()
    client.get("/api/v1/", headers={"Accept-Encoding": "identity"})  # everything is loaded that a server has loaded
    before, start = present_bytes(), time.perf_counter()
    export = make_export()
    making, made = peak_bytes() - before, time.perf_counter() - start
    sent = 0
    for file in export.files:
        answer = client.get(f"/api/v1/exports/{export.token}/{file['name']}")
        for block in answer.streaming_content:
            sent += len(block)
        answer.close()
    grown = peak_bytes() - before  # before the count below, which maps the whole of an SQLite database
    if sent != sum(file["size"] for file in export.files):
        sys.exit("The downloads are not whole.")
    return {
        "records": sum(public_rows(model).count() for model in content_models()),
        "bytes": sent,
        "seconds": made,
        "making": making / 1e6,
        "sending": grown / 1e6,
    }


def measured_apart() -> dict[str, float]:
    """Return the figures of a process of their own."""
    command = [sys.executable, "-m", "benchmarks.exports", "--measure"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)  # noqa: S603 - our own


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exports")
    parser.add_argument("--records", type=int, default=100_000, help="to be exported; default: 100,000")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    import django

    if options.measure:
        django.setup()
        print(json.dumps(measure()))
        return 0
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        database = os.environ.get("BENCH_DATABASE_URL", "")
        os.environ.update(SETTINGS, VAR_DIR=folder, DATABASE_URL=database)
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        fill(options.records)
        found = measured_apart()
    kept = found["sending"] <= BUDGET_MB
    print(f"{found['records']:,} records, {found['bytes'] / 1e6:,.0f} MB of files, made in {found['seconds']:.0f} s")
    print(f"memory grew by {found['making']:.1f} MB making them, {found['sending']:.1f} MB with all downloads")
    print(f"budget {BUDGET_MB:g} MB: {'kept' if kept else 'MISSED'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
