"""The permission table against the admin's addresses: without rights nothing is shown and nothing is changed.

An address of publishing pages that the tables here do not list fails the test.
"""

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.urls import get_resolver, reverse

from cms.content.models import Publishable
from cms.editing.models import TranslationAssignment
from cms.publishing import actions
from cms.publishing.models import AuditEntry, Revision, RoleAssignment
from regions.models import Office
from tests.admin_forms import page_data
from tests.cms.publishing.permission_world import (
    MAY,
    PLACES,
    REACHED,
    TRANSLATES,
    World,
    allowed,
    draft,
    everything,
    make_world,
    secrets_of,
)
from tests.drafts import aside_of, drafted, has_draft, put_aside, token_of
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db

# Page of an item -> what it asks for, by request: the label, the method, what is sent, the permission.
# "sent" may be a function of the item.
DECISIONS = {
    "submit": "submit",
    "request-changes": "review",
    "approve": "review",
    "publish": "publish",
    "schedule": "publish",
    "schedule-withdrawal": "publish",
    "withdraw": "publish",
    "discard": "save",
    "cancel": "publish",
    "share": "share",
    "revoke": "share",
}
ITEM_PAGES = {
    "change": [("get", {}, "view"), ("post", None, "save")],
    "delete": [("get", {}, "delete"), ("post", {"post": "yes"}, "delete")],
    "history": [("get", {}, "view"), ("post", {"restore": "1"}, "restore")],
    "review": [
        ("get", {}, "view"),
        *(
            ("post", {"decision": name, "comment": "x", "due_at_0": "2099-01-01", "due_at_1": "00:00"}, action)
            for name, action in DECISIONS.items()
        ),
    ],
    "compare": [("get", {"from": "1", "to": "2"}, "view")],
    "conflict": [("get", {}, "restore"), ("post", {"decision": "theirs"}, "restore")],
    "preview": [("get", {}, "view")],
    "editing": [("get", {}, "view"), ("post", {}, "view")],
    "autosave": [("post", None, "save")],
    "pane": [("post", {}, "view")],
    "desk": [
        ("get", {}, "view"),
        ("get", {"show": "all"}, "view"),
        *(("post", lambda item, decision=name: on_desk(item, decision), "save") for name in ("next", "stay", "check")),
        ("post", {"decision": "submit"}, "submit"),
    ],
    "links": [("get", {}, "view")],
}
# Pages that only one kind of item has, each with a test of its own of who may.
PAGES_OF_ONE = {"priorities_strategy_next_period"}  # tests/priorities/test_next_period.py


def on_desk(item, decision):
    """Return what the desk sends of one text of ``item``."""
    name = type(item).name_field
    return {"text": f"{item.pk}/{name}", "target": "Typed", "decision": decision, "opened_on": token_of(item)}


def arguments_of(name, item) -> list:
    """Return what the address of a page has beside the key of its item."""
    return {"conflict": lambda: [aside_of(item).number], "desk": lambda: [TRANSLATES]}.get(name, list)()


LIST_PAGES = {"changelist", "add"}
BULK = {
    "publish_selected": "publish",
    "withdraw_selected": "publish",
    "discard_selected": "save",
    "add_to_release_selected": "publish",
    "delete_selected": "delete",
}
READING = {"export_xliff_selected"}  # change nothing; see test_xliff
# Pages of publishing itself -> the roles that see them, given everywhere.
EVERYWHERE = {
    "publishing_release": {"publisher", "administrator"},
    "publishing_roleassignment": {"administrator"},
    "publishing_auditentry": {"administrator"},
    "publishing_scheduledchange": {"publisher", "administrator"},
    "api_apikey": {"administrator"},
    "webhooks_webhookendpoint": {"administrator"},
    "webhooks_webhookdelivery": {"administrator"},
}
PUBLISHING_PAGES = {
    "changelist",
    "add",
    "change",
    "delete",
    "history",
    "review",
    "export",
    "command",
    "usage",
    "xliff",
    "desk",
}
# Django's own, of the whole site, and content that is not published by itself.
OTHER_NAMES = {
    "index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n",
    "app_list", "uploaded_file", "resume", "own_settings", "paste", "xliff_import", "link_choices",
    "worklist", "translation_matrix", "assign_translations",
}  # fmt: skip
OTHER_MODELS = (
    "auth_",
    "axes_",
    "regions_country_",
    "priorities_frameworkgoal_",
    "search_synonyms_",
    "translations_concept_",
)


@pytest.fixture
def world() -> World:
    return make_world()


def admin_names() -> set[str]:
    _, (_, resolver) = next(item for item in get_resolver().namespace_dict.items() if item[0] == "admin")
    return {name for name in resolver.reverse_dict if isinstance(name, str)}


def page(item, name, *args):
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{name}", args=[item.pk, *args])


def listed(model, name="changelist"):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}")


def test_every_address_is_in_a_table():
    published = {
        f"{model._meta.app_label}_{model._meta.model_name}": set(ITEM_PAGES) | LIST_PAGES
        for model in site._registry
        if issubclass(model, Publishable)
    }
    published |= dict.fromkeys(EVERYWHERE, PUBLISHING_PAGES)
    known = {f"{model}_{name}" for model, names in published.items() for name in names} | OTHER_NAMES | PAGES_OF_ONE
    assert {name for name in admin_names() - known if not name.startswith(OTHER_MODELS)} == set()


def test_every_decision_and_bulk_action_is_in_a_table(admin_client, world, rf, admin_user):
    request = rf.get("/")
    request.user = admin_user
    for model, admin in site._registry.items():
        if issubclass(model, Publishable):
            assert set(admin.get_actions(request)) == set(BULK) | READING, model
    item = world.items["own"]
    for decision in DECISIONS:
        with transaction.atomic():
            assert admin_client.post(page(item, "review"), {"decision": decision}).status_code != 404, decision
            transaction.set_rollback(True)


def requests_of(world: World, admin_client, item, place):
    """Yield method, address, data and permission of every request that is made of an item's pages."""
    form = page_data(admin_client.get(page(item, "change")))
    name = "name_es" if "name_es" in form else "title_es"
    form[name] = ["Typed"]
    for name, cases in ITEM_PAGES.items():
        args = arguments_of(name, item)
        for method, data, action in cases:
            sent = data(item) if callable(data) else form if data is None else data
            yield method, page(item, name, *args), sent, action


def set_aside(item) -> None:
    """Give ``item`` a revision that was set aside, for the page of conflicts."""
    put_aside(item)


def text_of(client, response) -> str:
    """Return all that the client sees of an answer, and of the admin's page that it leads to."""
    content = response.getvalue().decode() if response.streaming else response.content.decode()
    content += str(response.headers)
    location = response.headers.get("Location", "")
    if location.startswith("/admin/"):
        content += client.get(location).content.decode()
    return content


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", MAY, ids=str)
def test_pages_of_an_item(client, admin_client, world, role, place):
    item = world.items[place]
    set_aside(item)
    cases = list(requests_of(world, admin_client, item, place))
    client.force_login(world.people[role])
    rows = everything()
    for method, url, data, action in cases:
        with transaction.atomic():
            response = getattr(client, method)(url, data)
            text = text_of(client, response)
            case = (method, url, data.get("decision", ""))
            if allowed(role, action, place):
                assert response.status_code in {200, 204, 302}, case
            else:
                # Django leads from the form of an item that is not there to the front page.
                gone = response.status_code == 302 and response.headers["Location"] == reverse("admin:index")
                assert response.status_code in {403, 404} or gone, case
                if "other" not in url:
                    assert not any(secret in text for secret in secrets_of("other")), case
                if not allowed(role, "view", place):
                    assert not any(secret in text for secret in secrets_of(place)), case
                assert everything() == rows, case
            transaction.set_rollback(True)


@pytest.mark.parametrize("name", BULK)
def test_bulk_actions(client, world, name):
    for role, user in world.people.items():
        client.force_login(user)
        for place in PLACES:
            item = world.items[place]
            rows = everything()
            with transaction.atomic():
                data = {"action": name, "_selected_action": [str(item.pk)], "post": "yes", "release_title": "R"}
                response = client.post(listed(type(item)), data)
                text = text_of(client, response)
                changed = everything() != rows
                transaction.set_rollback(True)
            assert changed == allowed(role, BULK[name], place), (role, place)
            if not allowed(role, "view", place):
                assert not any(secret in text for secret in secrets_of(place)), (role, place)


def probes(world: World):
    """Yield addresses that other systems leak by: lists, searches, filters, forms and choices of others' items."""
    other, office = world.hidden["other"], world.hidden["other"].office
    yield reverse("admin:index")
    for model in site._registry:
        if issubclass(model, Publishable):
            yield listed(model)
            yield f"{listed(model)}?q=hidden-of"
            yield f"{listed(model)}?all=1&o=1"
            yield listed(model, "add")
    yield f"{listed(type(other))}?office__id__exact={office.pk}"
    yield f"{listed(type(other), 'add')}?office={office.pk}&predecessor={other.pk}"
    yield f"/admin/priorities/objective/?strategy__id__exact={other.pk}"
    yield f"/admin/priorities/objective/add/?strategy={other.pk}"
    yield f"/admin/regions/office/add/?parent={office.pk}"
    yield f"/admin/partners/partnership/add/?office={office.pk}"
    for url in (reverse("admin:translation_matrix"), reverse("admin:worklist", args=[TRANSLATES])):
        for query in ("", "?format=csv", f"?office={office.pk}", f"?strategy={other.pk}", "?status=mine"):
            yield f"{url}{query}"
    kind = ContentType.objects.get_for_model(other).pk
    yield f"{reverse('admin:assign_translations', args=[TRANSLATES])}?item={kind}:{other.pk}"
    for model, admin in site._registry.items():
        for holder in [admin, *(inline(model, site) for inline in getattr(admin, "inlines", ()))]:
            for name in holder.autocomplete_fields:
                label = holder.model._meta
                yield (
                    f"{reverse('admin:autocomplete')}?app_label={label.app_label}&model_name={label.model_name}"
                    f"&field_name={name}&term=hidden"
                )
    for app_label in ("regions", "priorities", "partners", "publishing", "api", "webhooks"):
        yield reverse("admin:app_list", args=[app_label])
    yield reverse("admin:uploaded_file", args=["regions.office", office.pk, "cover_image"])


@pytest.mark.parametrize("role", MAY, ids=str)
def test_lists_searches_and_choices_show_nothing_of_another_office(client, world, role):
    client.force_login(world.people[role])
    for url in probes(world):
        response = client.get(url)
        assert response.status_code in {200, 302, 400, 403, 404}, url
        text = text_of(client, response).replace(url, "")
        assert "hidden-of-other" not in text, url
        assert "hidden-other" not in text, url


@pytest.mark.parametrize("name", ["office", "predecessor"])
def test_form_takes_nothing_of_another_office_that_is_not_public(client, world, name):
    item, hidden = world.items["own"], world.hidden["other"]
    client.force_login(world.people["editor"])
    data = page_data(client.get(page(item, "change")), _continue="1")
    data[name] = [str(hidden.pk if name == "predecessor" else hidden.office.pk)]
    rows = everything()
    response = client.post(page(item, "change"), data)
    assert "hidden-of-other" not in text_of(client, response)
    assert everything() == rows


def test_form_keeps_what_it_points_to_even_where_the_editor_may_not_see_it(client, world):
    item, hidden = world.items["own"], world.hidden["other"]
    actions.discard(item=item, user=None)
    draft(item, predecessor=str(hidden.pk))
    client.force_login(world.people["editor"])
    data = page_data(client.get(page(item, "change")), title_en="New title", _continue="1")
    client.post(page(item, "change"), data)
    fields = drafted(item)["fields"]
    assert (fields["title_en"], fields["predecessor"]) == ("New title", str(hidden.pk))


@pytest.mark.parametrize("role", [role for role in MAY if role])
@pytest.mark.parametrize("name", ["change", "review", "history", "delete"])
def test_item_that_points_to_what_somebody_may_not_see_does_not_tell_its_name(client, world, role, name):
    item, hidden = world.items["own"], world.hidden["other"]
    actions.discard(item=item, user=None)
    draft(item, predecessor=str(hidden.pk), title_en="Before")
    draft(item, predecessor=None, title_en="Between")
    draft(item, predecessor=str(hidden.pk), title_en="After")
    client.force_login(world.people[role])
    response = client.get(page(item, name))
    text = text_of(client, response)
    assert "hidden-of-other" not in text
    if name == "change":
        assert response.status_code == 200
        assert role == "translator" or "you may not see" in text
    if name == "history":
        numbers = sorted(Revision.objects.of(item).values_list("number", flat=True))
        compared = client.get(f"{page(item, 'compare')}?from={numbers[-2]}&to={numbers[-1]}")
        assert "hidden-of-other" not in text_of(client, compared)


# --- Where something is added or moved ------------------------------------------------


def office_form(client, **values):
    data = page_data(client.get(listed(Office, "add")), name_en="New office", kind="country", _continue="1")
    return {**data, **values}


@pytest.mark.parametrize("place", ["own", "below", "other", None], ids=str)
@pytest.mark.parametrize("role", [role for role in MAY if role])
def test_office_is_added_below_an_office_by_who_has_a_role_there(client, world, role, place):
    client.force_login(world.people[role])
    url, parent = listed(Office, "add"), str(world.offices[place].pk) if place else ""
    if "create" not in MAY[role].split():
        assert client.get(url).status_code == 403
        assert client.post(url, {"parent": parent, "name_en": "New office"}).status_code == 403
        return
    response = client.post(url, office_form(client, parent=[parent]))
    added = Office.objects.filter(name_en="New office")
    assert added.exists() == (place in REACHED)
    if place in REACHED:
        assert client.get(page(added.get(), "change")).status_code == 200
        assert client.get(page(added.get(), "review")).context["may_publish"] == allowed(role, "publish", place)
    else:
        assert "parent" in response.context["adminform"].form.errors
        assert "New office" in response.text


@pytest.mark.parametrize("name", ["strategy", "partnership", "objective"])
def test_nothing_is_added_to_an_office_that_a_role_does_not_reach(client, world, name):
    """What belongs to an office that one may see, but not write in."""
    model = apps.get_model({"partnership": "partners"}.get(name, "priorities"), name)
    RoleAssignment.objects.create(
        user=world.people["editor"], role="translator", languages=["es"], scope=world.offices["other"]
    )
    client.force_login(world.people["editor"])
    field = model.scope_path.split("__")[0]
    data = page_data(client.get(listed(model, "add")))
    data[field] = [str((world.items if field == "strategy" else world.offices)["other"].pk)]
    response = client.post(listed(model, "add"), data)
    assert field in response.context["adminform"].form.errors
    assert "does not reach any further" in response.text


@pytest.mark.parametrize("place", ["own", "other", None], ids=str)
def test_office_is_moved_only_to_where_the_role_reaches(client, world, place):
    office = OfficeFactory(parent=world.offices["below"], slug="moved")
    client.force_login(world.people["editor"])
    data = page_data(client.get(page(office, "change")), _continue="1")
    data["parent"] = [str(world.offices[place].pk) if place else ""]
    response = client.post(page(office, "change"), data)
    assert has_draft(office) == (place in REACHED)
    if place not in REACHED:
        assert "parent" in response.context["adminform"].form.errors


def test_office_whose_place_is_out_of_reach_is_edited_where_it_is(client, world):
    office = world.offices["own"]  # under the headquarters, where the editor has no role
    client.force_login(world.people["editor"])
    client.post(page(office, "change"), page_data(client.get(page(office, "change")), name_en="Typed"))
    draft(office, parent=str(world.offices["other"].pk))  # by somebody who may
    client.post(page(office, "change"), page_data(client.get(page(office, "change")), name_en="Typed again"))
    assert drafted(office)["fields"]["name_en"] == "Typed again"


@pytest.mark.parametrize("role", ["translator", "editor"])
def test_adding_below_is_offered_where_it_is_allowed(client, world, role):
    RoleAssignment.objects.create(
        user=world.people["editor"], role="translator", languages=["es"], scope=world.offices["other"]
    )
    client.force_login(world.people[role])
    offered = {
        place: any(entry["add_url"] for entry in client.get(page(office, "change")).context["related_lists"])
        for place, office in world.offices.items()
        if place != "other" or role == "editor"
    }
    assert offered == {place: allowed(role, "create", place) for place in offered}


# --- Pages of publishing itself ----------------------------------------------------


def everywhere(django_user_model, role):
    user = django_user_model.objects.create_user(f"{role}-everywhere", is_staff=True)
    RoleAssignment.objects.create(user=user, role=role, languages=["es"] if role == "translator" else [])
    return user


@pytest.mark.parametrize("role", [role for role in MAY if role])
def test_pages_of_publishing_for_roles_given_everywhere(client, django_user_model, role):
    client.force_login(everywhere(django_user_model, role))
    for prefix, roles in EVERYWHERE.items():
        response = client.get(reverse(f"admin:{prefix}_changelist"))
        assert response.status_code == (200 if role in roles else 403), prefix
    count = AuditEntry.objects.count()
    response = client.get(reverse("admin:publishing_auditentry_export"))
    assert response.status_code == (200 if role == "administrator" else 403)
    assert (AuditEntry.objects.count() > count) == (role == "administrator")


@pytest.mark.parametrize("role", MAY, ids=str)
def test_pages_of_publishing_for_roles_of_an_office(client, world, role):
    client.force_login(world.people[role])
    entry = AuditEntry.objects.first()
    assignment = RoleAssignment.objects.create(user=world.people["editor"], role="publisher")  # everywhere
    rows = everything()
    for prefix, pk in (("publishing_auditentry", entry.pk), ("publishing_roleassignment", assignment.pk)):
        # Administrators of an office have the roles of their office; see test_admin_people.
        open_to_role = prefix == "publishing_roleassignment" and role == "administrator"
        for name in ("changelist", "add"):
            status = client.get(reverse(f"admin:{prefix}_{name}")).status_code
            assert status == (200 if open_to_role else 403), prefix
        for name in ("change", "delete", "history"):
            for method in (client.get, client.post):
                assert method(reverse(f"admin:{prefix}_{name}", args=[pk])).status_code == 403, (prefix, name)
    assert client.get(reverse("admin:publishing_auditentry_export")).status_code == 403
    data = {"user": str(world.people[role].pk), "role": "administrator"}
    refused = client.post(reverse("admin:publishing_roleassignment_add"), data).status_code
    assert refused == (200 if role == "administrator" else 403)  # the form refuses a role given everywhere
    assert everything() == rows


@pytest.mark.parametrize("place", ["own", "other"])
@pytest.mark.parametrize("role", MAY, ids=str)
def test_pages_of_a_release(client, world, role, place):
    release = world.release(place)
    client.force_login(world.people[role])
    rows = everything()
    may_publish = allowed(role, "publish", place)
    cases = [
        ("get", "review", {}),
        ("post", "review", {"decision": "publish", "anyway": "on"}),
        ("post", "review", {"decision": "schedule", "anyway": "on", "due_at_0": "2099-01-01", "due_at_1": "00:00"}),
        ("post", "review", {"decision": "remove", "key": str(world.items[place].pk)}),
        ("post", "review", {"decision": "share"}),
        ("get", "change", {}),
        ("post", "change", {"title": "Forged", "description": "x", "_save": "1"}),
        ("get", "delete", {}),
        ("post", "delete", {"post": "yes"}),
        ("get", "history", {}),
    ]
    for method, name, data in cases:
        with transaction.atomic():
            response = getattr(client, method)(reverse(f"admin:publishing_release_{name}", args=[release.pk]), data)
            if may_publish:
                assert response.status_code in {200, 302}, (method, name, data)
            else:
                assert response.status_code in {403, 404}, (method, name, data)
                assert not any(secret in text_of(client, response) for secret in secrets_of("other")), name
                assert everything() == rows, (method, name, data)
            transaction.set_rollback(True)


@pytest.mark.parametrize("place", ["own", "other"])
@pytest.mark.parametrize("role", MAY, ids=str)
def test_desk_of_a_release(client, world, role, place):
    release, item = world.release(place), world.items[place]
    client.force_login(world.people[role])
    url = reverse("admin:publishing_release_desk", args=[release.pk, TRANSLATES])
    rows = everything()
    for method, data, action in [
        ("get", {}, "view"),
        ("post", on_desk(item, "next"), "save"),
        ("post", {"decision": "submit"}, "submit"),
    ]:
        with transaction.atomic():
            response = getattr(client, method)(url, data)
            if allowed(role, action, place):
                assert response.status_code in {200, 302}, (method, data)
            else:
                assert response.status_code == 403, (method, data)
                assert not any(secret in text_of(client, response) for secret in secrets_of(place)), (method, data)
                assert everything() == rows, (method, data)
            transaction.set_rollback(True)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", MAY, ids=str)
def test_translations_are_given_to_somebody_by_who_may_write_them(client, world, role, place):
    item, user = world.items[place], world.people[role]
    client.force_login(user)
    kind = ContentType.objects.get_for_model(item).pk
    url = f"{reverse('admin:assign_translations', args=[TRANSLATES])}?item={kind}:{item.pk}"
    response = client.post(url, {"person": str(user.pk), "due_on": ""})
    assert response.status_code == (302 if allowed(role, "save", place) else 403)
    assert TranslationAssignment.objects.exists() == allowed(role, "save", place)


def test_who_is_not_signed_in_gets_the_log_in_only(client, world):
    item = world.items["own"]
    set_aside(item)
    rows = everything()
    for url in [*probes(world), *(page(item, name, *arguments_of(name, item)) for name in ITEM_PAGES)]:
        for method in (client.get, client.post):
            response = method(url)
            assert response.status_code in {302, 401}, url
            assert not any(s in text_of(client, response).replace(url, "") for s in secrets_of("other")), url
    assert everything() == rows


def test_scope_is_asked_anew_with_every_request(client, world):
    client.force_login(world.people["publisher"])
    assert client.get(page(world.items["own"], "review")).status_code == 200
    RoleAssignment.objects.filter(user=world.people["publisher"]).update(scope=OfficeFactory())
    assert client.get(page(world.items["own"], "review")).status_code == 404
