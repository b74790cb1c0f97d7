"""The front page of the admin: what there is, and what waits for somebody.

The number of queries depends on the number of content types, not on how much content there is.
"""

from django.contrib.auth.models import User as Person
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cms.content.languages import site_languages
from cms.content.models import ContentModel, Publishable
from cms.editing.access import visible
from cms.editing.language_work import own_work
from cms.editing.translations import native_name, render_completeness
from cms.editing.worklist import worklist
from cms.publishing.models import AuditEntry, RoleAssignment
from cms.publishing.notifications import name_of
from cms.publishing.permissions import Action, grants_of
from cms.translations.status import completeness, overview
from regions.models import Office
from regions.tree import tree_order

UNPUBLISHED_SHOWN = 5  # items a content type that are listed by name
OFFICES_SHOWN = 30
RECENT_SHOWN = 10
SESSION_ACTIONS = (AuditEntry.Action.LOGIN, AuditEntry.Action.LOGIN_FAILED, AuditEntry.Action.LOGOUT)


def dashboard(site, request) -> dict:
    """Return the template context of the front page for what the user of ``request`` may see."""
    groups, unpublished, others = [], [], []
    for app in site.get_app_list(request):
        rows = [
            content_row(request.user, entry)
            for entry in app["models"]
            if issubclass(entry["model"], ContentModel) and entry["admin_url"]
        ]
        if rows:
            groups.append({"name": app["name"], "rows": rows})
            unpublished += [group for row in rows if (group := unpublished_items(site, request, row))]
        else:
            others.append(app)
    return {
        "content_groups": groups,
        "languages": [{"code": code, "name": native_name(code)} for code in site_languages()],
        "unpublished": unpublished,
        "other_apps": others,
        "offices": office_rows(site, request),
        "office_list_url": reverse(f"{site.name}:regions_office_changelist"),
        "own_work": own_work(request.user),
        "worklist": worklist(request.user),
        "recent": recent_actions(request.user),
        "to_ask": [] if request.user.is_superuser or grants_of(request.user).assignments else administrators(),
    }


def administrators() -> list[str]:
    """Return the names of those who give roles in the whole organization, of superusers where nobody else does."""
    of_all = RoleAssignment.objects.filter(role=RoleAssignment.Role.ADMINISTRATOR, scope=None).values("user")
    people = Person.objects.filter(is_active=True, is_staff=True)
    found = people.filter(pk__in=of_all) or people.filter(is_superuser=True)
    return [name_of(person) for person in found.order_by("username")]


def recent_actions(user) -> list[AuditEntry]:
    """Return the latest entries of the audit trail that ``user`` may read: all, or what they did themselves."""
    entries = AuditEntry.objects.exclude(action__in=SESSION_ACTIONS)
    if not grants_of(user).may(Action.ADMINISTER, None):
        entries = entries.filter(user=user)
    return list(entries[:RECENT_SHOWN])


def content_row(user, entry: dict) -> dict:
    """Return how much there is of one content type that ``user`` may see, drafted texts included, each figure with the
    list it counts."""
    model, url = entry["model"], entry["admin_url"]
    counts = overview(model, visible(model._base_manager.all(), user))

    def figure(label, count, **query):
        return {"label": label, "count": count, "url": f"{url}?{urlencode(query)}" if count else ""}

    return {
        "model": model,
        "name": entry["name"],
        "url": url,
        "add_url": entry["add_url"],
        "total": counts.total,
        "statuses": [
            figure(Publishable.Status(status).label, count, state=status) for status, count in counts.by_status.items()
        ],
        "missing": [
            figure(_("missing %(language)s") % {"language": language}, count, missing=language)
            for language, count in counts.incomplete.items()
        ],
    }


def unpublished_items(site, request, row: dict) -> dict | None:
    """Return the first items of a content type that were never published, or ``None`` when there are none."""
    model = row["model"]
    if not issubclass(model, Publishable):
        return None
    status = Publishable.Status.UNPUBLISHED
    items = site.get_model_admin(model).get_queryset(request).filter(status=status)[:UNPUBLISHED_SHOWN]
    base = f"{site.name}:{model._meta.app_label}_{model._meta.model_name}_change"
    listed = [{"name": str(item), "url": reverse(base, args=[item.pk])} for item in items]
    if not listed:
        return None
    return {"name": row["name"], "items": listed, "url": f"{row['url']}?{urlencode({'state': status})}"}


def office_rows(site, request) -> list[dict]:
    """Return the first offices of the tree with how complete their own texts and sections are, drafted ones
    included."""
    office_admin = site.get_model_admin(Office)
    if not office_admin.has_view_permission(request):
        return []
    queryset = office_admin.get_queryset(request)
    page = tree_order(queryset)[:OFFICES_SHOWN]
    offices = queryset.in_bulk([pk for pk, depth in page])
    states = completeness(offices.values())
    rows = []
    for pk, depth in page:
        offices[pk].depth = depth
        rows.append(
            {
                "name": office_admin.tree_name(offices[pk]),
                "url": reverse(f"{site.name}:regions_office_change", args=[pk]),
                "state": office_admin.state(offices[pk]),
                "languages": render_completeness(states[pk], offices[pk]),
            }
        )
    return rows
