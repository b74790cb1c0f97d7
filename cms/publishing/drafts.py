"""What is drafted, as it is read: what editors see of an item, part by part, and what a release holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cms.content.models import Publishable
from cms.content.parts import Parts, compose, parts_of
from cms.content.snapshots import Snapshot, snapshot
from cms.publishing.models import PartVersion, Pin, Release, Revision
from cms.publishing.models.items import reference, refers_to, refers_to_any

Versions = dict[str, PartVersion]  # of one item, by part
Key = tuple  # of an item: the keys of its type and of its row


@dataclass
class Drafts:
    """The versions of one item that count now: at most one open and one live a part."""

    open: Versions = field(default_factory=dict)
    live: Versions = field(default_factory=dict)

    @property
    def working(self) -> Versions:
        """What editors see: of each part the open version, else the live one."""
        return {**self.live, **self.open}

    def add(self, version: PartVersion) -> None:
        (self.open if version.is_open else self.live)[version.part] = version


def drafts_of(item: Publishable) -> Drafts:
    """Return the versions of ``item`` that count now, in one query; none for one that was never saved."""
    return drafts_by_key([item]).get(key_of(item), Drafts())


def drafts_by_key(items: Iterable[Publishable]) -> dict[Key, Drafts]:
    """Return what :func:`drafts_of` does for several items, by :func:`key_of`, in one query."""
    found: dict[Key, Drafts] = defaultdict(Drafts)
    versions = PartVersion.objects.working().filter(refers_to_any(items)).select_related("revision", "content_type")
    for version in versions:
        found[version.key].add(version)
    return found


def key_of(item: Publishable) -> Key:
    """Return the ``key`` of the rows that speak of ``item``."""
    return tuple(value if name == "object_id" else value.pk for name, value in reference(item).items())


def contents(versions: Mapping[str, PartVersion]) -> Parts:
    """Return the contents of ``versions`` by part."""
    return {part: version.content for part, version in versions.items()}


def composed(item: Publishable, versions: Mapping[str, PartVersion]) -> Snapshot:
    """Return the snapshot that ``versions`` of ``item`` make; what is stored, where there are none."""
    return compose(type(item), contents(versions)) if versions else snapshot(item)


def stored_parts(item: Publishable, versions: Mapping[str, PartVersion]) -> Parts:
    """Return the parts that :func:`composed` is made of."""
    return contents(versions) if versions else parts_of(type(item), snapshot(item))


def drafted(item: Publishable) -> Snapshot:
    """Return what editors see of ``item``: its open parts beside the live ones."""
    return composed(item, drafts_of(item).working)


def correction_of(item: Publishable) -> Versions:
    """Return the correction of what is live of ``item`` that waits for approval: by part, of one revision."""
    waiting = PartVersion.objects.of(item).filter(state=PartVersion.State.CORRECTION)
    return {version.part: version for version in waiting.select_related("revision__created_by", "author")}


def latest_revision(item: Publishable) -> Revision | None:
    """Return the newest revision of ``item``: who saved it last."""
    return Revision.objects.of(item).first()


def manifest_of(versions: Mapping[str, PartVersion]) -> dict[str, int]:
    """Return, by part, the numbers of the revisions in which ``versions`` were saved: with the item, that names
    them."""
    return {part: version.revision.number for part, version in sorted(versions.items())}


def edit_token(versions: Mapping[str, PartVersion]) -> str:
    """Return what a form carries to name the state that it was opened on: the version of each part."""
    return " ".join(f"{part}.{number}" for part, number in manifest_of(versions).items()) or "0"


def opened_versions(item: Publishable, token: str) -> Versions:
    """Return the versions of ``item`` that an :func:`edit_token` names; parts that it does not name had none."""
    pairs = [pair.rpartition(".")[::2] for pair in token.split(" ")]
    return versions_in(item, {part: int(text) for part, text in pairs if text.isascii() and text.isdigit()})


def versions_in(item: Publishable, manifest: Mapping[str, int]) -> Versions:
    """Return the versions of ``item`` that :func:`manifest_of` named; what was pruned since is left out."""
    numbers = [number for number in set(manifest.values()) if number < 2**31]
    found = PartVersion.objects.of(item).filter(revision__number__in=numbers).select_related("revision")
    return {each.part: each for each in found if manifest.get(each.part) == each.revision.number}


def seen_in(item: Publishable, revision: Revision) -> Versions:
    """Return the versions of ``item`` that editors saw when ``revision`` had been saved."""
    return versions_in(item, revision.manifest)


@dataclass
class ReleaseDraft:
    """An item of a release and what goes live of it: the versions that are pinned, by part."""

    item: Publishable
    pins: dict[str, Pin]
    drafts: Drafts

    @property
    def versions(self) -> Versions:
        return {part: pin.version for part, pin in self.pins.items()}

    @property
    def newer(self) -> Versions:
        """The open versions that were saved after what is pinned."""
        return {
            part: open for part, open in self.drafts.open.items() if part in self.pins and open != self.versions[part]
        }

    @property
    def unpinned(self) -> Versions:
        """The open versions of parts of which nothing is pinned."""
        return {part: version for part, version in self.drafts.open.items() if part not in self.pins}

    @property
    def snapshot(self) -> Snapshot | None:
        """What the public sees of the item when the release is live; ``None``: what is stored."""
        if not self.pins:
            return None
        return compose(type(self.item), {**contents(self.drafts.live), **contents(self.versions)})


def items_of(release: Release) -> list[Publishable]:
    """Return the stored rows of the release's items, one query a model; deleted ones are left out."""
    keys: dict[type[Publishable], list] = defaultdict(list)
    for entry in release.items.select_related("content_type"):
        keys[entry.model].append(entry.object_id)
    return [item for model, found in keys.items() for item in model._base_manager.filter(pk__in=found)]


def drafts_in(release: Release) -> list[ReleaseDraft]:
    """Return the items of ``release`` with what goes live of each."""
    items = items_of(release)
    drafts = drafts_by_key(items)
    pins: dict[Key, dict[str, Pin]] = defaultdict(dict)
    waiting = Pin.objects.filter(release_item__release=release)
    for pin in waiting.select_related("version__revision", "base", "content_type", "version__author"):
        pins[pin.key][pin.part] = pin
    return [ReleaseDraft(item, pins[key_of(item)], drafts.get(key_of(item), Drafts())) for item in items]


def pins_of(item: Publishable) -> dict[str, Pin]:
    """Return what waits of ``item`` in releases and schedules, by part."""
    pins = Pin.objects.filter(refers_to(item))
    return {pin.part: pin for pin in pins.select_related("version", "base", "release_item__release", "schedule")}
