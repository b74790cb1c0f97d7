"""The admin of partners and partnerships."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners.models import Partnership
from tests.admin_forms import form_data
from tests.factories import PartnerFactory, PartnershipFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["partner", "partnership"])
def test_queries_of_a_list_do_not_grow(admin_client, name):
    counts = []
    for number in (2, 10):
        PartnershipFactory.create_batch(number)
        admin_client.get(reverse(f"admin:partners_{name}_changelist"))
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(reverse(f"admin:partners_{name}_changelist"))
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("term", ["comision", "CEPAL", "commission"])
def test_partnership_is_found_by_its_partner_in_any_language(admin_client, term):
    partner = PartnerFactory(name_en="Commission", name_es="Comisión", acronym_es="CEPAL")
    wanted = PartnershipFactory(partner=partner)
    PartnershipFactory()
    page = admin_client.get(reverse("admin:partners_partnership_changelist"), {"q": term})
    assert list(page.context["cl"].result_list) == [wanted]


def test_partnership_form_saves_what_it_shows(admin_client):
    partnership = PartnershipFactory(since=2015, until=2020)
    url = reverse("admin:partners_partnership_change", args=[partnership.pk])
    assert admin_client.post(url, form_data(admin_client, url)).status_code == 302


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"since": "2020", "until": "2015"}, "The last year is before the first."),
        ({"since": "20"}, "20 is not a year between 1800 and 2200."),
        ({"since": "99999999999999999999"}, "99999999999999999999 is not a year between 1800 and 2200."),
    ],
    ids=["years in the wrong order", "two digits", "overlong"],
)
def test_bad_years_are_refused_in_words(admin_client, values, message):
    url = reverse("admin:partners_partnership_change", args=[PartnershipFactory().pk])
    response = admin_client.post(url, form_data(admin_client, url, **values))
    errors = [error for messages in response.context["adminform"].form.errors.values() for error in messages]
    assert message in errors


def test_second_partnership_of_the_same_kind_is_refused_in_words(admin_client):
    first = PartnershipFactory()
    url = reverse("admin:partners_partnership_add")
    data = form_data(admin_client, url, office=first.office.pk, partner=first.partner.pk, role=first.role)
    response = admin_client.post(url, data)
    assert response.context["adminform"].form.non_field_errors() == [
        "This office already has a partnership of this kind with this partner."
    ]
    assert Partnership.objects.count() == 1
