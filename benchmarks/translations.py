"""``python -m benchmarks.translations``: the pages of what is to be translated, among 100,000 texts in five languages.

Worklist, matrix and their counts in at most 8 queries and 150 ms; the desk of a strategy of 300 texts in at most 20
queries.
"""

import os
import statistics
import sys
import tempfile
import time

BUDGET_MS = 150.0
ROUNDS = 15
LANGUAGES = "en,es,fr,pt,ar"
OBJECTIVES, STRATEGIES, ENTRIES = 8_000, 60, 30  # with two texts each, in five languages: 100,000 with what is below
DESK_ENTRIES = 150  # of the strategy whose desk is measured: 300 texts
QUERIES = {"worklist": 8, "worklist of an office": 10, "matrix": 8, "desk of 300 texts": 20}


def fill() -> dict[str, str]:
    """Fill an empty database; return the address of each page that is measured."""
    from django.urls import reverse
    from django.utils import timezone

    from cms.translations.counts import recount_all
    from priorities.models import Objective, OutlineEntry, Pillar, Strategy
    from regions.models import Office

    now = timezone.now()
    live = {"status": "live", "first_published_at": now, "last_published_at": now}
    office = Office.objects.create(slug="office", name_en="Office", name_es="Oficina", **live)
    pillar = Pillar.objects.create(slug="pillar", colour="#1f4e79", name_en="Pillar", **live)
    strategies = Strategy.objects.bulk_create(
        Strategy(slug=f"strategy-{n}", office=office, title_en=f"Strategy {n}", summary_en="<p>Words.</p>", **live)
        for n in range(STRATEGIES)
    )
    OutlineEntry.objects.bulk_create(
        (
            OutlineEntry(
                strategy=strategy, anchor=f"entry-{n}", position=n, title_en=f"Entry {n}", title_es="Capítulo",
                body_en="<p>Words of the chapter.</p>",
            )
            for number, strategy in enumerate(strategies)
            for n in range(ENTRIES if number else DESK_ENTRIES)
        ),
        batch_size=1_000,
    )  # fmt: skip
    Objective.objects.bulk_create(
        (
            Objective(
                strategy=strategies[n % STRATEGIES], pillar=pillar, slug=f"objective-{n}", code=str(n), position=n,
                statement_en=f"Objective {n} of many", context_en="<p>Why it matters.</p>",
                statement_es="Objetivo" if n % 3 else "", **live,
            )
            for n in range(OBJECTIVES)
        ),
        batch_size=1_000,
    )  # fmt: skip
    recount_all()
    worklist = reverse("admin:worklist", args=["es"])
    return {
        "worklist": worklist,
        "worklist of an office": f"{worklist}?office={office.pk}",
        "matrix": reverse("admin:translation_matrix"),
        "desk of 300 texts": reverse("admin:priorities_strategy_desk", args=[strategies[0].pk, "fr"]) + "?show=all",
    }


def measure() -> bool:
    """Print the figures and return whether the budgets were kept."""
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client

    from cms.publishing.models import RoleAssignment
    from cms.translations.models import TextCount

    pages = fill()
    person = User.objects.create_user("publisher", is_staff=True)
    RoleAssignment.objects.create(user=person, role="publisher")
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    texts = sum(count.total for count in TextCount.objects.all())
    print(f"{texts:,} texts in five languages; budget {BUDGET_MS:g} ms for the lists")
    kept = True
    for label, address in pages.items():
        times, queries = [], []

        def counted(execute, *args, queries=queries):
            queries.append(args[0])
            return execute(*args)

        client.get(address)
        with connection.execute_wrapper(counted):
            if client.get(address).status_code != 200:
                raise RuntimeError(f"no answer from {address}")
        for _ in range(ROUNDS):
            start = time.perf_counter()
            client.get(address)
            times.append((time.perf_counter() - start) * 1000)
        found = statistics.median(times)
        right = len(queries) <= QUERIES[label] and (found <= BUDGET_MS or label.startswith("desk"))
        kept = kept and right
        print(f"{label:24}{found:9.1f} ms{len(queries):4} queries, at most {QUERIES[label]}  {verdict(kept=right)}")
    return kept


def verdict(*, kept: bool) -> str:
    return "kept" if kept else "MISSED"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.environ.update(
            VAR_DIR=folder, DJANGO_SETTINGS_MODULE="strategy_site.settings", ENVIRONMENT="development", DEBUG="",
            DATABASE_URL=os.environ.get("BENCH_DATABASE_URL", ""), ALLOWED_HOSTS="testserver", LANGUAGES=LANGUAGES,
        )  # fmt: skip
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        return 0 if measure() else 1


if __name__ == "__main__":
    sys.exit(main())
