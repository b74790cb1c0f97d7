"""What runs in the processes of the campaigns: ``python -m tests.campaigns.editors <task> ...`` prints JSON.

It works on the empty database that ``DATABASE_URL`` names, and makes its tables first.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strategy_site.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - after setup
from django.db import connection, transaction  # noqa: E402 - after setup
from django.db.models import Count, Max  # noqa: E402
from django.utils import timezone  # noqa: E402

from cms.content.snapshots import snapshot  # noqa: E402
from cms.publishing import actions  # noqa: E402
from cms.publishing.drafts import composed, drafts_of, edit_token  # noqa: E402
from cms.publishing.exceptions import EditConflict, PublishingError  # noqa: E402
from cms.publishing.models import Change, PartVersion, Publication, Release, ScheduledChange  # noqa: E402
from cms.publishing.overlay import overlay  # noqa: E402
from cms.publishing.preview import drafts_shown  # noqa: E402
from regions.models import Office  # noqa: E402
from tests.factories import OfficeFactory, SectionFactory  # noqa: E402

LAG = timedelta(milliseconds=300)


def prepare(count: str) -> None:
    """Make ``count`` live offices, each with a draft."""
    with transaction.atomic():
        for number in range(int(count)):
            office = OfficeFactory(slug=f"office-{number}", name_en="before")
            SectionFactory(office=office)
            data = snapshot(office)
            data["fields"]["name_en"] = "after"
            actions.save_draft(item=office, data=data, user=None, opened_on=None)


def edit(seed: int, seconds: float) -> dict:
    """Do random things to random offices for some seconds, as one editor of several."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    saved, refused, errors, done, gaps = [], 0, [], 0, 0
    keys = list(Office.objects.order_by("slug").values_list("pk", flat=True))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        item = Office.objects.get(pk=chance.choice(keys))
        act = chance.choices(
            ["save", "publish", "some", "withdraw", "schedule", "due", "discard", "read", "preview", "release"],
            [8, 4, 2, 1, 3, 2, 1, 2, 3, 1],
        )[0]
        try:
            if act == "save":
                seen = drafts_of(item).working
                data = composed(item, seen)
                text, language = f"{seed}-{len(saved)}", chance.choice(["en", "es"])
                data["fields"][f"name_{language}"] = text
                data["children"]["sections"][0][f"heading_{language}"] = text
                actions.save_draft(item=item, data=data, user=None, opened_on=edit_token(seen))
                saved.append(text)
            elif act == "publish":
                actions.publish(item=item, user=None)
            elif act == "some":
                actions.publish(item=item, user=None, parts=["en"])
            elif act == "withdraw":
                actions.unpublish(item=item, user=None)
            elif act == "schedule":
                operation = chance.choice(["publish", "publish", "withdraw"])
                actions.schedule(target=item, operation=operation, due_at=timezone.now() + LAG, user=None)
            elif act == "due":
                actions.publish_due()
            elif act == "discard":
                actions.discard(item=item, user=None)
            elif act == "preview":
                several = [item, *Office.objects.filter(pk__in=chance.sample(keys, 3))]
                with overlay(drafts_shown(several), as_live=True):
                    list(Office.objects.live().prefetch_related("sections"))
            elif act == "release":
                made = Release.objects.create(title=f"{seed}")
                several = list(Office.objects.filter(pk__in=chance.sample(keys, 3)))
                actions.add_to_release(release=made, items=several, user=None)
                actions.publish_release(release=made, user=None)
            else:
                seen = Change.objects.aggregate(count=Count("pk"), highest=Max("pk"))
                gaps += seen["count"] != (seen["highest"] or 0)
            done += 1
        except (PublishingError, EditConflict):
            refused += 1
        except Exception:
            errors.append(traceback.format_exc())
    return {"saved": saved, "refused": refused, "errors": errors, "done": done, "gaps": gaps}


def report() -> dict:
    """Say how the database ended: what differs from what the rules promise."""
    time.sleep(LAG.total_seconds())
    actions.publish_due()
    differing = []
    for office in Office.objects.all():
        live = drafts_of(office).live
        if live and composed(office, live) != snapshot(office):
            differing.append(office.slug)
    log = Change.objects.order_by("sequence")
    times = list(log.values_list("at", flat=True))
    return {
        "versions": [
            content["fields"].get(f"name_{part}")
            for part, content in PartVersion.objects.filter(part__in=["en", "es"]).values_list("part", "content")
        ],
        "differing": differing,
        "sequences": list(log.values_list("sequence", flat=True)),
        "in_time": times == sorted(times),
        "pending": ScheduledChange.objects.filter(state=ScheduledChange.State.PENDING).count(),
        "twice_open": [
            str(key)
            for key, _part, count in PartVersion.objects.open()
            .order_by()
            .values_list("object_id", "part")
            .annotate(count=Count("pk"))
            if count > 1
        ],
    }


def release(text: str, ready: int) -> None:
    """Draft ``text`` for every office and publish all of them as one release; write to ``ready`` in between."""
    with transaction.atomic():
        Release.objects.filter(state=Release.State.OPEN).delete()
        items = list(Office.objects.all())
        for item in items:
            data = snapshot(item)
            data["fields"]["name_en"] = text
            actions.save_draft(item=item, data=data, user=None, opened_on=None)
        made = Release.objects.create(title=text)
        actions.add_to_release(release=made, items=items, user=None)
    os.write(ready, b"!")
    actions.publish_release(release=made, user=None)


def undo(text: str, ready: int) -> None:
    """Publish a release as :func:`release` does, write to ``ready``, and undo it."""
    with open(os.devnull, "w") as nowhere:
        release(text, nowhere.fileno())
    os.write(ready, b"!")
    actions.undo_release(release=Release.objects.get(title=text), user=None)


def look(seconds: float) -> int:
    """Ask for what is due again and again, as requests do; return how many changes this process applied."""
    applied, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        applied += actions.publish_due()
    return applied


def live() -> dict:
    """Count what became public: names on the site, publications, logged changes and releases."""
    return {
        "names": dict(Office.objects.live().values_list("name_en").annotate(count=Count("pk")).order_by()),
        "published": Publication.objects.count(),
        "changes": Change.objects.count(),
        "releases": Release.objects.filter(state=Release.State.PUBLISHED).count(),
        "undone": Release.objects.filter(state=Release.State.UNDONE).count(),
    }


# --- Processes --------------------------------------------------------------------


def fork(task: Callable[[], object], output: int | None = None) -> int:
    """Do ``task`` in a process of its own, forked without an open connection, and return its number.

    What it returns is written to ``output`` as JSON. Forking spares each process the start of Django.
    """
    hang_up()
    if child := os.fork():
        return child
    code = 1
    try:
        result = task()
        if output is not None:
            with os.fdopen(output, "w") as pipe:
                json.dump(result, pipe)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def hang_up() -> None:
    connection.close()
    if hasattr(connection, "close_pool"):  # PostgreSQL: the pool's threads do not live through a fork
        connection.close_pool()


def together(tasks: list[Callable[[], object]]) -> list:
    """Do ``tasks`` at the same time, each in a process of its own; return what those return that end well."""
    pipes, children = [], []
    for task in tasks:
        source, target = os.pipe()
        children.append(fork(task, target))
        os.close(target)
        pipes.append(source)
    answers = []
    for source, child in zip(pipes, children, strict=True):
        with os.fdopen(source) as pipe:
            answers.append(pipe.read())
        os.waitpid(child, 0)
    return [json.loads(answer) for answer in answers if answer]


def editors(processes: str, items: str, seconds: str) -> dict:
    """Let some processes edit the same items at the same time; return what each says, and how it ended."""
    prepare(items)
    answers = together([partial(edit, seed, float(seconds)) for seed in range(int(processes))])
    return {"editors": answers, "found": report()}


def due(processes: str, items: str) -> dict:
    """Let some processes find the same scheduled changes due; return how many each applied, and what came of it."""
    prepare(items)
    due_at = timezone.now() + timedelta(seconds=0.8)
    with transaction.atomic():
        for office in Office.objects.all():
            actions.schedule(target=office, operation="publish", due_at=due_at, user=None)
    applied = together([partial(look, 1.5)] * int(processes))
    return {"applied": applied, "pending": report()["pending"], **live()}


def kills(items: str, rounds: str, act: str) -> dict:
    """Kill a process in the middle of publishing a release or of undoing one, again and again; return the counts
    before and after."""
    task = {"release": release, "undo": undo}[act]
    chance = random.Random(7)  # noqa: S311 - not for secrets
    prepare(items)
    seconds = interrupted(task, "first", None)
    found = []
    before = live()
    for number in range(int(rounds)):
        lived = interrupted(task, f"round {number}", chance.uniform(0, 1.3 * seconds))
        after = live()
        # What else the machine does changes from round to round; about half shall be killed in the middle.
        seconds = min(lived, seconds) if after != before else 1.1 * seconds
        found.append({"before": before, "after": after})
        before = after
    return {"rounds": found, "seconds": seconds}


def interrupted(task: Callable[[str, int], None], text: str, delay: float | None) -> float:
    """Do ``task`` in a process that is killed after ``delay`` seconds; return how long it lived.

    Both count from where the task says that it is ready; ``None`` lets it end.
    """
    source, target = os.pipe()
    child = fork(partial(task, text, target))
    os.close(target)
    with os.fdopen(source, "rb") as pipe:
        if not pipe.read(1):
            raise RuntimeError("The process ended before it published.")
    since = time.monotonic()
    if delay is not None:
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return time.monotonic() - since


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    task = {function.__name__: function for function in (editors, due, kills)}[sys.argv[1]]
    print(json.dumps(task(*sys.argv[2:])))
