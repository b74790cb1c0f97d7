"""Figures for Prometheus, of all processes together: each counts in a file of ``VAR_DIR/metrics`` (its
``PROMETHEUS_MULTIPROC_DIR``), and whichever is asked adds them up."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db import DatabaseError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from strategy_site.health import in_time, needs_no_network

FOLDER = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(Path(settings.VAR_DIR) / "metrics")))
FOLDER.mkdir(parents=True, exist_ok=True)

# Read the environment when they are imported.
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest  # noqa: E402
from prometheus_client.core import GaugeMetricFamily, Metric  # noqa: E402
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead  # noqa: E402

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
REQUESTS = Counter("strategy_site_requests", "Answers by kind of address and status.", ["kind", "status"])
SECONDS = Histogram("strategy_site_request_seconds", "Time to make an answer.", ["kind"])
REFUSED = Counter("strategy_site_logins_refused", "Log-ins with a wrong name or password.")
MEMORY = Gauge("strategy_site_memory_bytes", "Memory of a worker.", multiprocess_mode="liveall")
MEMORY_SECONDS = 15  # between two looks at the memory
DOCUMENTS = {"rendition", "document"}

looked_at = 0.0


def kind_of(request: HttpRequest) -> str:
    """Return which part of the site a request is for, one of a few."""
    match = request.resolver_match
    if request.path_info.startswith(settings.API_PATH):
        return "api"
    if request.path_info.startswith(settings.STATIC_URL):
        return "static"
    if match is None:
        return "other"
    return "admin" if match.app_name == "admin" else "document" if match.url_name in DOCUMENTS else "page"


def count(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Count an answer that took ``seconds`` to make. A disk that is full loses figures, no answer."""
    global looked_at
    kind = kind_of(request)
    with suppress(OSError):
        REQUESTS.labels(kind, response.status_code).inc()
        SECONDS.labels(kind).observe(seconds)
        if time.monotonic() - looked_at > MEMORY_SECONDS:
            looked_at = time.monotonic()
            MEMORY.set(memory())


def count_stored(status: int) -> None:
    """Count an answer from the store of pages, which nobody had to make."""
    with suppress(OSError):
        stored(status).inc()


@lru_cache(maxsize=20)
def stored(status: int) -> Counter:
    return REQUESTS.labels("stored", status)


def memory() -> int:
    """Return the bytes of memory that this process holds (proc(5)); 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


@receiver(user_login_failed, dispatch_uid="strategy_site.metrics")
def count_refused(**kwargs) -> None:
    with suppress(OSError):
        REFUSED.inc()


class DatabaseCollector:
    """What the database knows: nobody has to count it."""

    def collect(self) -> Iterator[Metric]:
        try:
            figures = stored_figures() if needs_no_network() else in_time(stored_figures)
        except DatabaseError:
            figures = {}
        yield GaugeMetricFamily("strategy_site_database_up", "Whether the database answers.", value=bool(figures))
        for name, (text, value) in figures.items():
            yield GaugeMetricFamily(f"strategy_site_{name}", text, value=value)


def stored_figures() -> dict[str, tuple[str, float]]:
    """Return names, what they say, and values."""
    from django.db.models import Min  # models, which need the apps
    from django.utils import timezone

    from cms.publishing.models import ScheduledChange, content_version
    from cms.webhooks.models import WebhookDelivery

    def age(rows, field: str) -> float:
        oldest = rows.aggregate(oldest=Min(field))["oldest"]
        return max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0

    waiting = WebhookDelivery.objects.filter(state=WebhookDelivery.State.WAITING)
    pending = ScheduledChange.objects.filter(state=ScheduledChange.State.PENDING)
    return {
        "public_changes": ("Number of the latest public change.", content_version()),
        "webhooks_waiting": ("Messages to be delivered.", waiting.count()),
        "webhook_age_seconds": ("How long the oldest message is due.", age(waiting, "next_attempt_at")),
        "schedule_age_seconds": ("How long the oldest scheduled change is due.", age(pending, "due_at")),
    }


def exposition() -> bytes:
    """Return the figures of all processes in the text format of Prometheus."""
    forget_dead()
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(FOLDER))
    registry.register(DatabaseCollector())
    return generate_latest(registry)


def forget_dead() -> None:
    """Leave out the memory of workers that have ended."""
    for path in FOLDER.glob("gauge_live*.db"):
        pid = int(path.stem.rpartition("_")[2])
        if not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists():
            mark_process_dead(pid, path=str(FOLDER))
