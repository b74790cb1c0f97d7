"""What can be wrong with a running site: what is seen, why it matters, and what to do.

``/readyz`` and ``manage.py doctor`` ask the same checks. A check asks the database, or what is on this machine, and
raises nothing but ``DatabaseError``.
"""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from cms.publishing.models import Notice, ScheduledChange
from cms.webhooks.models import WebhookDelivery
from strategy_site.backups.checking import last_backup

PASS, WARN, FAIL = "pass", "warn", "fail"  # as in application/health+json; a failing one cannot serve
LEAST_FREE = 200 * 1024 * 1024  # bytes; below it a large upload does not fit
LONGEST_WAIT = timedelta(minutes=30)  # for what a clock looks for every five minutes
LONGEST_WAIT_FOR_DIGEST = timedelta(days=2)
LATELY = timedelta(days=7)
KINDS_ON_DISK = {"media": "media", "generated": "generated", "static": "static"}


@dataclass(frozen=True)
class Finding:
    """What a check saw. ``why`` and ``advice`` are for what is not as it should be."""

    name: str
    status: str
    observed: str
    why: str = ""
    advice: str = ""


def database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding("database", PASS, f"{connection.display_name} answers")


def database_away(reason: str) -> Finding:
    """Return the finding of a database that did not answer for ``reason``."""
    return Finding(
        "database",
        FAIL,
        reason,
        "Without the database no page can be made and nothing can be saved.",
        "See that the server named in DATABASE_URL runs and takes connections, or that VAR_DIR can be written.",
    )


def migrations() -> Finding:
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not waiting:
        return Finding("migrations", PASS, "all applied")
    why = "The tables are not those that this version works with: pages fail."
    return Finding("migrations", FAIL, f"{waiting} not applied", why, "manage.py setup_site")


def schedules() -> Finding:
    """Scheduled changes that nobody applied in time."""
    overdue = ScheduledChange.objects.filter(state=ScheduledChange.State.PENDING, due_at__lt=too_long_ago())
    count = overdue.count()
    if not count:
        return Finding("schedules", PASS, "none is overdue")
    why = "What was to be published or withdrawn is not, and readers see what they should not."
    return Finding("schedules", WARN, f"{count} overdue", why, "manage.py publish_due")


def webhooks() -> Finding:
    """How long the oldest message waits that is due."""
    waiting = WebhookDelivery.objects.filter(state=WebhookDelivery.State.WAITING, endpoint__is_active=True)
    count = waiting.filter(next_attempt_at__lt=too_long_ago()).count()
    if not count:
        return Finding("webhooks", PASS, "none waits for long")
    why = "Partners' systems are not told that content has changed."
    return Finding("webhooks", WARN, f"{count} overdue", why, "manage.py deliver_webhooks")


def digests() -> Finding:
    """How much of the mail of the day waits longer than a day and one failure."""
    count = Notice.objects.filter(at__lt=timezone.now() - LONGEST_WAIT_FOR_DIGEST).count()
    if not count:
        return Finding("mail of the day", PASS, "none waits for long")
    why = "Who wants one mail a day is not told what to review, or what became of a draft."
    advice = "Run manage.py send_digests every day, and read in the log why the mail server takes none."
    return Finding("mail of the day", WARN, f"{count} messages wait", why, advice)


def failed_webhooks() -> Finding:
    given_up = WebhookDelivery.objects.filter(
        state=WebhookDelivery.State.FAILED, finished_at__gt=timezone.now() - LATELY
    )
    names = sorted(set(given_up.values_list("endpoint__name", flat=True)))
    if not names:
        return Finding("failed webhooks", PASS, "none in seven days")
    why = "Partners' systems are not told that content has changed."
    advice = "Look at the answers under “Webhook endpoints”, and write to the contact there."
    return Finding("failed webhooks", WARN, ", ".join(names), why, advice)


def failed_schedules() -> Finding:
    failed = ScheduledChange.objects.filter(
        state=ScheduledChange.State.FAILED, finished_at__gt=timezone.now() - LATELY
    )
    count = failed.count()
    if not count:
        return Finding("failed schedules", PASS, "none in seven days")
    why = "What was to be published or withdrawn is not, and readers see what they should not."
    advice = "Read the reason under “Scheduled changes”, and schedule anew."
    return Finding("failed schedules", WARN, str(count), why, advice)


def database_size() -> Finding:
    if connection.vendor == "sqlite":
        size = size_of(Path(str(connection.settings_dict["NAME"])))
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            size = cursor.fetchone()[0]
    return Finding("database size", PASS, filesizeformat(size))


def cached() -> Finding:
    """Whether what is put into the cache is there again; the site does without while it is not."""
    cache.set("readyz", "asked", 60)
    if cache.get("readyz") == "asked":
        return Finding("cache", PASS, "answers")
    why = "Pages are made anew for every reader, and requests of the API are not counted."
    return Finding("cache", WARN, "does not answer", why, "See that the server named in REDIS_URL runs.")


def disk() -> Finding:
    """Whether the folder of the site has room and can be written."""
    free = shutil.disk_usage(settings.VAR_DIR).free
    observed = f"{filesizeformat(free)} free"
    why = "Uploads and edits fail, though readers are served."
    if not os.access(settings.VAR_DIR, os.W_OK):
        return Finding("disk", WARN, "VAR_DIR cannot be written", why, "Give VAR_DIR to the user of the site.")
    if free < LEAST_FREE:
        return Finding("disk", WARN, observed, why, "Make room: old backups and VAR_DIR/generated may be deleted.")
    return Finding("disk", PASS, observed)


def backup() -> Finding:
    last = last_backup()
    why = "What is lost after the last backup is lost for good."
    advice = "manage.py backup DIR --verify"
    if last is None:
        return Finding("backup", WARN if settings.BACKUP_HOURS else PASS, "there is none", why, advice)
    checked = "compared" if last["checked"] else "not compared"
    observed = f"{last['at']:%Y-%m-%d %H:%M} UTC, {filesizeformat(last['bytes'])}, {checked}"
    is_old = settings.BACKUP_HOURS and timezone.now() - last["at"] > timedelta(hours=settings.BACKUP_HOURS)
    return Finding("backup", WARN, observed, why, advice) if is_old else Finding("backup", PASS, observed)


def version() -> Finding:
    return Finding("version", PASS, settings.VERSION)


def chosen_settings() -> Finding:
    """The settings that decide how the site is run; secrets are not among them."""
    names = ("ENVIRONMENT", "SITE_URL", "TIME_ZONE", "TRUSTED_PROXY_COUNT", "BACKGROUND_TASKS")
    values = [f"{name}={getattr(settings, name)}" for name in names]
    if settings.PRODUCTION and not settings.ADMINS:
        why = "Nobody is told when pages fail."
        return Finding("settings", WARN, ", ".join(values), why, "Name addresses in ADMINS.")
    return Finding("settings", PASS, ", ".join(values))


def disk_by_kind() -> Finding:
    sizes = {kind: size_of(Path(settings.VAR_DIR) / folder) for kind, folder in KINDS_ON_DISK.items()}
    return Finding("files", PASS, ", ".join(f"{kind} {filesizeformat(size)}" for kind, size in sizes.items()))


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    if not path.is_dir():
        return path.stat().st_size if path.exists() else 0
    found = (os.path.join(folder, name) for folder, _folders, names in os.walk(path) for name in names)
    return sum(os.lstat(name).st_size for name in found if os.path.lexists(name))


def too_long_ago() -> datetime:
    return timezone.now() - LONGEST_WAIT


Check = Callable[[], Finding]
OF_DATABASE: tuple[Check, ...] = (database, migrations, schedules, webhooks)
OF_MACHINE: tuple[Check, ...] = (cached, disk, backup)
# What takes longer, for people who ask.
FURTHER_OF_DATABASE: tuple[Check, ...] = (digests, failed_schedules, failed_webhooks, database_size)
FURTHER_OF_MACHINE: tuple[Check, ...] = (version, chosen_settings, disk_by_kind)


def of_database(checks: Iterable[Check] = OF_DATABASE) -> list[Finding]:
    """Return what the checks of the database found: its absence alone where it does not answer."""
    found: list[Finding] = []
    try:
        for check in checks:
            found.append(check())
            if found[-1].status == FAIL:
                break  # without its tables there is nothing to ask
    except DatabaseError as error:
        found.append(database_away(" ".join(str(error).split())[:200]))
    return found


def diagnosis() -> list[Finding]:
    """Return everything that can be said of the site, for operators."""
    return [
        *(check() for check in (*FURTHER_OF_MACHINE, *OF_MACHINE)),
        *of_database((*OF_DATABASE, *FURTHER_OF_DATABASE)),
    ]


def worst(found: Iterable[Finding]) -> str:
    """Return the status of all together."""
    statuses = {finding.status for finding in found}
    return next((status for status in (FAIL, WARN) if status in statuses), PASS)
