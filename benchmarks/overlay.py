"""``python -m benchmarks.overlay``: what the overlay adds to the form and to the preview of a large strategy.

The form with a draft against the form without one, and the preview against the public page, by turns in one process,
on the data of the issue: 30 objectives, 21 outline entries, every text in every language.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

BUDGET_MS = 30.0
ROUNDS = 40
OBJECTIVES, ENTRIES = 30, 21


def make_strategy():
    """Return a live strategy of the measured size in an empty database."""
    from cms.content.languages import site_languages
    from cms.content.models import Publishable
    from priorities.models import Objective, OutlineEntry, Pillar, Strategy
    from regions.models import Office

    def texts(name: str, text: str) -> dict[str, str]:
        return {f"{name}_{code}": f"{text} {code}" for code in site_languages()}

    from django.utils import timezone

    now = timezone.now()
    live = {"status": Publishable.Status.LIVE, "first_published_at": now, "last_published_at": now}
    office = Office.objects.create(slug="office", **texts("name", "Office"), **live)
    pillar = Pillar.objects.create(slug="pillar", colour="#1f4e79", **texts("name", "Pillar"), **live)
    strategy = Strategy.objects.create(
        slug="strategy", office=office, **texts("title", "Strategy"), **texts("summary", "<p>Words</p>" * 20), **live
    )
    OutlineEntry.objects.bulk_create(
        OutlineEntry(
            strategy=strategy, anchor=f"entry-{n}", position=n,
            **texts("title", f"Entry {n}"), **texts("body", "<p>Words of the chapter.</p>" * 20),
        )
        for n in range(ENTRIES)
    )  # fmt: skip
    Objective.objects.bulk_create(
        Objective(
            strategy=strategy, pillar=pillar, slug=f"objective-{n}", code=str(n), position=n,
            **texts("statement", f"Objective {n}"), **live,
        )
        for n in range(OBJECTIVES)
    )  # fmt: skip
    return strategy


def compare(plain: Callable, overlaid: Callable) -> tuple[float, float, float]:
    """Return the median milliseconds of two requests, made by turns, and of what the second took longer.

    The last is the median of the differences of neighbours: what else the machine does meanwhile hits both alike.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS + 3):
        for request, found in zip((plain, overlaid), times, strict=True):
            start = time.perf_counter()
            response = request()
            found.append((time.perf_counter() - start) * 1000)
            if response.status_code != 200:
                raise RuntimeError(f"answered {response.status_code}")
    added = [second - first for first, second in zip(*times, strict=True)]
    return tuple(statistics.median(values[3:]) for values in (*times, added))


def measure() -> list[tuple[str, float, float, float]]:
    """Return label, medians without and with the overlay, and the median of what it adds, in milliseconds."""
    from django.contrib.auth.models import User
    from django.test import Client
    from django.urls import reverse

    from cms.content.snapshots import snapshot
    from cms.publishing import actions
    from cms.publishing.preview import preview_url

    strategy = make_strategy()
    client = Client()
    owner = User.objects.create_superuser("owner")
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    form = reverse("admin:priorities_strategy_change", args=[strategy.pk])
    data = snapshot(strategy)
    data["fields"]["title_en"] = "Drafted"

    actions.save_draft(item=strategy, data=data, user=owner, opened_on=None)
    # The same page without a draft: a twin, so that nothing changes between two requests.
    plain = make_twin(strategy)
    plain_form = reverse("admin:priorities_strategy_change", args=[plain.pk])
    preview = preview_url(strategy)
    return [
        ("change form", *compare(lambda: client.get(plain_form), lambda: client.get(form))),
        ("preview", *compare(lambda: client.get(plain.get_absolute_url()), lambda: client.get(preview))),
    ]


def make_twin(strategy):
    """Return a live copy of ``strategy`` with all that is in it."""
    import uuid

    from priorities.models import Objective, OutlineEntry, Strategy

    rows = [(OutlineEntry, list(strategy.outline.all())), (Objective, list(strategy.objectives.all()))]
    twin = Strategy.objects.get(pk=strategy.pk)
    twin.pk, twin.slug = uuid.uuid4(), "twin"
    twin.save(force_insert=True)
    for model, copies in rows:
        for copy in copies:
            copy.pk, copy.strategy = uuid.uuid4(), twin
            if model is Objective:
                copy.slug = f"twin-{copy.slug}"
        model.objects.bulk_create(copies)
    return twin


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.environ.update(
            VAR_DIR=folder, DJANGO_SETTINGS_MODULE="strategy_site.settings", ENVIRONMENT="development", DEBUG="",
            DATABASE_URL=os.environ.get("BENCH_DATABASE_URL", ""), ALLOWED_HOSTS="testserver",
        )  # fmt: skip
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        kept = True
        print(f"{'':14}{'plain ms':>10}{'overlay ms':>12}{'added ms':>10}  budget {BUDGET_MS:g} ms")
        for label, plain, overlaid, added in measure():
            kept = kept and added <= BUDGET_MS
            print(
                f"{label:14}{plain:10.1f}{overlaid:12.1f}{added:10.1f}  {'kept' if added <= BUDGET_MS else 'MISSED'}"
            )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
