"""The import of a package, step by step: read, check, and only then write, in one transaction."""

import dataclasses
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from django.contrib.auth.models import User as Person
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from cms.content.languages import site_languages
from cms.content.models import Publishable
from cms.content.snapshots import same_content, snapshots_of
from cms.packages.checks import Checker
from cms.packages.identities import BATCH_SIZE, Identities
from cms.packages.layout import PackageSchema
from cms.packages.nodes import PackageReader
from cms.packages.planning import Planner, RowPlan
from cms.packages.problems import InvalidPackage, LeftOut, PackageError, Problems
from cms.packages.reading import Record, RecordReader
from cms.packages.sources import find_sources
from cms.packages.writing import Writer
from cms.publishing.actions.imports import ImportRecorder

Progress = Callable[[str, int, int], None]
Report = Callable[[RowPlan], None]


@dataclasses.dataclass(slots=True)
class Counts:
    """How many items of one collection were created, changed and found as they are in the package."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


def import_package(
    paths: Sequence[str | Path],
    *,
    publish: bool = False,
    user: Person | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    report: Report | None = None,
    tell: Callable[[str], None] | None = None,
) -> dict[str, Counts]:
    """Import the package in ``paths`` (files and folders) and return what became of its items, by collection.

    Items become drafts: new ones are not published, and what is live stays as it is until its draft is published.
    With ``publish`` everything is public at once. ``user`` is who imports, for history and audit trail.

    ``dry_run`` does everything and takes it back. ``progress`` is called with the step (``"read"``, ``"check"``,
    ``"write"``), the items done and the items there are (0: not known yet); ``report`` with every item that is
    created or changed; ``tell`` with a line for each text of which something was left out, as a picture in a text is.

    Raises ``InvalidPackage`` with all problems there are, before anything is written, and ``PackageError`` when
    there is no package or the database refuses it.
    """
    with ExitStack() as stack, override(site_languages()[0]):
        work = Import(stack, progress or (lambda *args: None), publish=publish, user=user)
        counts = work.run(paths, dry_run=dry_run, report=report)
        if tell:
            for line in work.dropped.lines():
                tell(line)
        return counts


class Import:
    """One import; its items wait in a temporary file a collection."""

    def __init__(self, stack: ExitStack, progress: Progress, *, publish: bool, user: Person | None):
        self.progress = progress
        self.publish = publish
        self.user = user
        self.schema = PackageSchema()
        self.problems = Problems()
        self.dropped = LeftOut()
        self.spools = {name: stack.enter_context(tempfile.TemporaryFile()) for name in self.schema.collections}
        self.total = 0
        self.identities = Identities(self.schema, self.problems)
        self.planner = Planner(self.identities, self.problems, at=timezone.now(), publish=publish)

    def run(self, paths: Sequence[str | Path], *, dry_run: bool, report: Report | None) -> dict[str, Counts]:
        try:
            if self._read(paths):
                self.identities.resolve()
                counts = self._check()
            if self.problems:
                raise InvalidPackage(self.problems)
            if not any(count.created or count.changed for count in counts.values()):
                return counts  # and nobody has to wait for a lock
            return self._write(dry_run=dry_run, report=report)
        except IntegrityError as error:
            raise PackageError(
                _(
                    "Nothing was imported: the database refused the changes (%(error)s). Either the content was "
                    "changed at the same time: run the import again; or rows exchange values that must be unique: "
                    "import that in two steps."
                )
                % {"error": str(error).strip()}
            ) from error
        except DatabaseError as error:
            raise PackageError(
                _("Nothing was imported: the database said “%(error)s”.") % {"error": str(error).strip()}
            ) from error

    def _read(self, paths: Sequence[str | Path]) -> bool:
        """Read all files; return whether each could be read to its end, so that the rest can be judged."""
        sources = find_sources(paths)
        self.problems.files = self.dropped.files = [source.name for source in sources]
        reader = PackageReader(list(self.schema.collections), self.problems)
        for number, source in enumerate(sources):
            records = RecordReader(self.schema, self.problems, number, source.folder, self.dropped)
            for collection, node in reader.read(number, source):
                rows = self.schema.collections[collection]
                record = records.read(rows, node)  # type: ignore[arg-type] # the reader lets only mappings pass
                if self.identities.add(rows, record):
                    line = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
                    self.spools[collection].write(line.encode() + b"\n")
                    self.total += 1
                    if self.total % BATCH_SIZE == 0:
                        self.progress("read", self.total, 0)
            self.identities.want(records.wanted)
        self.progress("read", self.total, self.total)
        return reader.is_complete

    def _batches(self, step: str) -> Iterator[tuple[str, list[Record]]]:
        """Yield the records of all collections in batches; a batch ends early when its items have many children."""
        done = 0
        for name, spool in self.spools.items():
            spool.seek(0)
            batch, weight = [], 0
            for line in spool:
                record = json.loads(line)
                batch.append(record)
                weight += 1 + sum(map(len, record["children"].values()))
                if len(batch) == BATCH_SIZE or weight >= 4 * BATCH_SIZE:
                    yield name, batch
                    done += len(batch)
                    self.progress(step, done, self.total)
                    batch, weight = [], 0
            if batch:
                yield name, batch
                done += len(batch)
                self.progress(step, done, self.total)

    def _check(self) -> dict[str, Counts]:
        """Note all problems that are left, and return what the import would do."""
        counts: dict[str, Counts] = defaultdict(Counts)
        checker = Checker(self.schema, self.identities, self.problems)
        for collection, records in self._batches("check"):
            plans = self.planner.plan(self.schema.collections[collection], records)
            checker.check(plans)
            self._count(counts[collection], plans)
        checker.finish()
        return counts

    def _write(self, *, dry_run: bool, report: Report | None) -> dict[str, Counts]:
        writer = Writer(self.schema, self.problems, keep_files=not dry_run)
        counts: dict[str, Counts] = defaultdict(Counts)
        try:
            with transaction.atomic():
                recorder = ImportRecorder(user=self.user)
                for collection, records in self._batches("write"):
                    plans = self.planner.plan(self.schema.collections[collection], records, lock=True)
                    changed = [plan for plan in plans if plan.is_new or plan.is_changed]
                    rows = [plan for plan in changed if self.publish or not was_published(plan)]
                    drafts = [] if self.publish else [plan for plan in changed if was_published(plan)]
                    self._write_rows(rows, writer, recorder)
                    made = [*rows, *self._write_drafts(drafts, recorder, keep_files=not dry_run)]
                    counts[collection].unchanged += len(plans) - len(made)
                    self._count(counts[collection], made, report)
                writer.finish()
                if self.problems:
                    raise InvalidPackage(self.problems)
                recorder.finish()
                transaction.set_rollback(dry_run)
        except BaseException:
            writer.discard_files()
            raise
        return counts

    def _write_rows(self, plans: list[RowPlan], writer: Writer, recorder: ImportRecorder) -> None:
        """Write rows as they shall be, and record them."""
        if not plans:
            return
        model, keys = plans[0].rows.model, [plan.row.pk for plan in plans]
        recorder.before(model, keys)
        writer.write(plans)
        recorder.published(model, keys, unseen=[plan.row.pk for plan in plans if not plan.is_seen])

    def _write_drafts(self, plans: list[RowPlan], recorder: ImportRecorder, *, keep_files: bool) -> list[RowPlan]:
        """Record what the rows of ``plans`` would be as drafts, the rows themselves left as they are.

        Return the plans whose item had not just that draft already.
        """
        if not plans:
            return []
        model = plans[0].rows.model
        with transaction.atomic():
            writer = Writer(self.schema, self.problems, keep_files=keep_files)
            writer.write(plans)
            writer.finish()
            snapshots = snapshots_of(model, [plan.row.pk for plan in plans])  # type: ignore[arg-type] # only items that are published get here
            transaction.set_rollback(True)
        known = {
            key
            for key, data in recorder.drafted_content(model, snapshots).items()  # type: ignore[arg-type] # only items that are published get here
            if same_content(data, snapshots[key])
        }
        recorder.drafted(model, {key: data for key, data in snapshots.items() if key not in known})  # type: ignore[arg-type] # only items that are published get here
        return [plan for plan in plans if plan.row.pk not in known]

    def _count(self, counts: Counts, plans: list[RowPlan], report: Report | None = None) -> None:
        for plan in plans:
            if plan.is_new:
                counts.created += 1
            elif plan.is_changed:
                counts.changed += 1
            else:
                counts.unchanged += 1
                continue
            if report:
                report(plan)


def was_published(plan: RowPlan) -> bool:
    """Say whether the row is or was public, so that an import of drafts must leave it alone."""
    row = plan.row
    return not plan.is_new and isinstance(row, Publishable) and row.status != Publishable.Status.UNPUBLISHED
