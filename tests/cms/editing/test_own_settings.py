"""The page on which somebody chooses when and in which language they get mail, for themselves alone."""

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from cms.publishing.models import MailSettings

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:own_settings")


@pytest.fixture
def person(log_in):
    return log_in("editor", name="editor")


def chosen(person) -> tuple[str, str]:
    found = MailSettings.of(type(person).objects.get(pk=person.pk))
    return found.frequency, found.language


def test_mail_comes_at_once_to_who_never_chose_and_looking_writes_nothing(client, person):
    form = client.get(PAGE).context["form"]
    assert (form["frequency"].value(), form["language"].value()) == ("at-once", "")
    assert not MailSettings.objects.exists()


def test_choice_is_kept_and_shown_and_may_be_changed(client, person):
    for choice in ("daily", "es"), ("never", ""):
        response = client.post(PAGE, dict(zip(("frequency", "language"), choice, strict=True)), follow=True)
        assert response.redirect_chain == [(PAGE, 302)]
        assert "Your settings were saved." in response.text
        assert chosen(person) == choice
        assert (response.context["form"]["frequency"].value(), response.context["form"]["language"].value()) == choice


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "frequency"),
        ({"frequency": "hourly"}, "frequency"),
        ({"frequency": "daily\0"}, "frequency"),
        ({"frequency": "daily", "language": "xx"}, "language"),
        ({"frequency": "daily", "language": "e\0"}, "language"),
    ],
    ids=str,
)
def test_what_is_no_choice_is_refused_at_its_field(client, person, data, field):
    response = client.post(PAGE, data)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert not MailSettings.objects.exists()


def test_nobody_changes_the_settings_of_another_person(client, person, member):
    other = member("editor", name="other")
    MailSettings.objects.create(user=other)
    data = {"frequency": "daily", "language": "", "user": other.pk, "pk": other.mail_settings.pk, "id": "1"}
    client.post(f"{PAGE}?user={other.pk}", data)
    assert chosen(other) == ("at-once", "")
    assert chosen(person) == ("daily", "")


def test_choice_leaves_the_day_of_the_last_mail_alone(client, person):
    MailSettings.objects.create(user=person, frequency="daily", digest_on="2026-03-05")
    client.post(PAGE, {"frequency": "never", "language": "", "digest_on": "2030-01-01"})
    assert str(MailSettings.objects.get().digest_on) == "2026-03-05"


def test_strangers_are_asked_to_log_in(client):
    response = client.get(PAGE)
    assert response.status_code == 302
    assert response.url.startswith(reverse("admin:login"))
    assert client.post(PAGE, {"frequency": "daily"}).status_code == 401
    assert not MailSettings.objects.exists()


def test_form_of_another_site_is_refused(person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    assert client.post(PAGE, {"frequency": "daily"}).status_code == 403
    assert not MailSettings.objects.exists()


def test_page_is_linked_from_every_page_of_the_admin(client, person):
    for url in (reverse("admin:index"), PAGE):
        assert f'href="{PAGE}"' in client.get(url).text


@pytest.mark.parametrize(("address", "said"), [("", "does not know"), ("a@example.org", "goes to a@example.org")])
def test_page_says_where_mail_goes(client, person, address, said):
    type(person).objects.update(email=address)
    assert said in client.get(PAGE).text


@pytest.mark.parametrize(("frequency", "shown"), [(None, "at once"), ("daily", "once a day")])
def test_administrators_read_the_choice_on_the_page_of_a_person(client, log_in, member, frequency, shown):
    log_in("administrator", name="administrator")
    person = member("editor", name="somebody")
    if frequency:
        MailSettings.objects.create(user=person, frequency=frequency)
    page = client.get(reverse("admin:auth_user_change", args=[person.pk])).text
    assert "Mail about their work" in page
    assert shown in page


def test_help_of_a_choice_is_told_with_it(client, person):
    page = html.fromstring(client.get(PAGE).content.decode())
    described = page.xpath("//fieldset[.//input[@name='frequency']]/@aria-describedby")[0].split()
    assert "When drafts are submitted" in page.get_element_by_id(described[0]).text_content()
