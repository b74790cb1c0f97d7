"""Texts that exist count as made from the source that stands beside them: drafts from drafts, live ones from live."""

from collections import defaultdict
from itertools import groupby

from django.apps import apps as installed
from django.db import migrations

from cms.content.parts import SHARED
from cms.content.substance import source_language
from cms.publishing.stamps import places_in, source_in

OPEN_STATES = ("draft", "submitted", "changes-requested", "approved")
BATCH = 500


def stamp(apps, schema_editor):
    """Stamp the texts of the versions that count now: open, live, or pinned for their time."""
    versions = apps.get_model("publishing", "PartVersion").objects.using(schema_editor.connection.alias)
    pinned = apps.get_model("publishing", "Pin").objects.using(schema_editor.connection.alias).values("version")
    found = versions.filter(state__in=[*OPEN_STATES, "live"]) | versions.filter(pk__in=pinned)
    ordered = found.select_related("revision").order_by("content_type_id", "object_id", "pk")
    models = {row.pk: row for row in apps.get_model("contenttypes", "ContentType").objects.all()}
    stamped = []
    for (kind, _key), group in groupby(ordered.iterator(BATCH), key=lambda each: (each.content_type_id, each.object_id)):
        stamped += stamped_item(model_of(models[kind]), list(group))
        if len(stamped) > BATCH:
            versions.bulk_update(stamped, ["sources"], batch_size=BATCH)
            stamped = []
    versions.bulk_update(stamped, ["sources"], batch_size=BATCH)


def model_of(content_type):
    """Return the model that exists now, whose schema names the field of its source language; none when it is gone."""
    try:
        return installed.get_model(content_type.app_label, content_type.model)
    except LookupError:
        return None


def stamped_item(model, group):
    """Return those of ``group``, the versions of an item, that have texts made from others, with their stamps."""
    if model is None:
        return []
    by_state = defaultdict(dict)
    for version in group:
        by_state["live" if version.state == "live" else "open"][version.part] = version
    live, working = by_state["live"], {**by_state["live"], **by_state["open"]}
    return [
        version
        for version in group
        if version.part != SHARED and stamp_version(model, version, live if version.state == "live" else working)
    ]


def stamp_version(model, version, beside):
    shared = beside.get(SHARED)
    language = source_language(model, shared.content if shared else None)
    if version.part == language:
        return False
    source = source_in(language, beside)
    version.sources = {place: source.stamp(place) for place in places_in(version.part, version.content)}
    return True


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("publishing", "0002_mail_settings_and_notices"),
    ]

    operations = [migrations.RunPython(stamp, migrations.RunPython.noop, elidable=True)]
