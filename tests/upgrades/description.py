"""What must be the same of a site after an upgrade, in the words of no version in particular."""

import json
from hashlib import sha256
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage

from cms.api.models import ApiKey
from cms.content.models import Publishable
from cms.content.snapshots import snapshot
from cms.publishing.drafts import drafted, drafts_of
from cms.publishing.history import published_snapshots, versions_of
from cms.publishing.models import AuditEntry, Change, FormerSlug, Pin, Release, RoleAssignment, ScheduledChange
from cms.publishing.visibility import publishable_models
from cms.webhooks.models import WebhookEndpoint
from strategy_site.backups.making import stored_files


def description() -> dict[str, Any]:
    """Return content, drafts and history, people and their rights, what waits, keys and files of this site."""
    return {
        "items": {str(item.pk): item_as_it_is(item) for item in every_item()},
        "releases": [[each.title, each.state, sorted(pins_in(each))] for each in Release.objects.order_by("pk")],
        "schedules": [[each.operation, each.due_at.isoformat(), each.state] for each in schedules()],
        "changes": [[each.sequence, str(each.object_id), each.operation, each.languages] for each in changes()],
        "people": [[each.username, each.email, each.is_superuser, rights_of(each)] for each in people()],
        "trail": [[each.action, each.actor, each.object_name] for each in AuditEntry.objects.order_by("pk")],
        "former": [[each.slug, str(each.object_id)] for each in FormerSlug.objects.order_by("pk")],
        "keys": [[each.name, each.start, each.digest] for each in ApiKey.objects.order_by("pk")],
        "webhooks": [[each.name, each.url] for each in WebhookEndpoint.objects.order_by("pk")],
        "files": {name: digest_of(name) for name in sorted(stored_files(default_storage))},
    }


def every_item() -> list[Publishable]:
    return [item for model in publishable_models() for item in model._base_manager.order_by("pk")]


def item_as_it_is(item: Publishable) -> dict[str, Any]:
    """Return what is stored of an item, what is drafted where that differs, where its parts stand, and its public
    history with a digest of each version."""
    versions = versions_of(item)
    stored, seen = texts_of(snapshot(item)), texts_of(drafted(item))
    return {
        "model": item._meta.label,
        "status": item.status,
        "stored": stored,
        "drafted": seen if seen != stored else [],
        "states": {part: str(version.state) for part, version in sorted(drafts_of(item).open.items())},
        "versions": [[each.number, each.published_at.isoformat(), str(each.note)] for each in versions],
        "published": [digest(texts_of(data)) for data in published_snapshots(item, versions)] if versions else [],
    }


def texts_of(data: dict) -> list:
    """Return all that a snapshot holds and that is not empty: a later version may have more fields, which are."""
    rows = [data["fields"], *(row for name in sorted(data["children"]) for row in data["children"][name])]
    return [{name: value for name, value in sorted(row.items()) if value not in (None, "", [])} for row in rows] + [
        {name: keys for name, keys in sorted(data["relations"].items()) if keys}
    ]


def pins_in(release: Release) -> list:
    return [
        [str(pin.object_id), pin.part, pin.version.digest]
        for pin in Pin.objects.filter(release_item__release=release).select_related("version")
    ]


def schedules():
    return ScheduledChange.objects.order_by("pk")


def changes():
    return Change.objects.order_by("sequence")


def people():
    return get_user_model().objects.order_by("username")


def rights_of(person) -> list:
    found = RoleAssignment.objects.filter(user=person).order_by("pk")
    return [[each.role, str(each.scope_id or ""), each.languages] for each in found]


def digest(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def digest_of(name: str) -> str:
    with default_storage.open(name) as file:
        return sha256(file.read()).hexdigest()
