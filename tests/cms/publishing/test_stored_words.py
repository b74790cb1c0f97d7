"""Sentences that the site itself stores are said in the language of whoever reads them."""

import pytest
from django.utils.translation import gettext, override

from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.models import Revision
from cms.publishing.stored_words import RESTORED, SENTENCES, in_words
from tests.factories import OfficeFactory

LANGUAGES = ["en", "es", "fr", "pt"]


@pytest.mark.parametrize("stored_in", LANGUAGES)
@pytest.mark.parametrize("read_in", LANGUAGES)
@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentence_is_read_in_any_language_whatever_it_was_stored_in(sentence, stored_in, read_in):
    with override(stored_in):
        stored = gettext(sentence) % {"number": 5}  # as version 1.0.0 did
    with override(read_in):
        assert in_words(stored) == gettext(sentence) % {"number": 5}


def test_every_sentence_is_translated():
    for language in LANGUAGES[1:]:
        with override(language):
            assert [sentence for sentence in SENTENCES if gettext(sentence) == sentence] == []


@pytest.mark.parametrize("text", ["", "Restored from revision", "See: The release was undone.", "%(number)s", "“5.”"])
def test_what_somebody_wrote_stays_as_it_is(text):
    with override("es"):
        assert in_words(text) == text


@pytest.mark.django_db
def test_restored_draft_says_so_in_the_history_in_each_language(admin_client, settings):
    office = OfficeFactory(name_en="Before")
    data = snapshot(office)
    data["fields"]["name_en"] = "After"
    with override("fr"):
        actions.save_draft(item=office, data=data, user=None, opened_on=None)
        actions.restore(item=office, number=1, user=None)
    assert Revision.objects.of(office).first().comment == RESTORED % {"number": 1}
    admin_client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
    page = admin_client.get(f"/admin/regions/office/{office.pk}/history/")
    with override("es"):
        assert gettext(RESTORED) % {"number": 1} in page.text
