"""In which language the API answers: ``?lang=``, else ``Accept-Language``, else the site's default.

Only these count: an answer depends on no cookie, so that one stored copy serves everybody.
"""

import re

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from cms.api.problems import parameter_error
from cms.api.wording import EVERY, Wording, wording
from cms.content.languages import lookup, site_languages

LANGUAGE_RANGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")  # RFC 4647, section 2.1
FALLBACKS = ("site", "none")


def accepted_language(header: str) -> str:
    """Return the site's language that an ``Accept-Language`` header likes best (RFC 9110, section 12.5.4).

    A header that is malformed, or names none of the site's languages, gives the default language.
    """
    for language_range, quality in parse_accept_lang_header(header):
        if quality > 0 and (found := lookup(language_range)):
            return found
    return site_languages()[0]


def requested_wording(request: HttpRequest) -> tuple[Wording, list[dict]]:
    """Return the wording that a request asks for, and an entry of ``errors`` for what is wrong about it.

    A ``lang`` that is no language of the site is wrong: an answer in another language than the one asked for by
    name would be a silent mistake.
    """
    errors = []
    tag = request.GET.get("lang")
    if tag is None:
        language = accepted_language(request.headers.get("Accept-Language", ""))
    elif tag == EVERY:
        language = EVERY
    elif not (language := LANGUAGE_RANGE.fullmatch(tag) and lookup(tag)):  # type: ignore[assignment] # replaced in this branch
        language = site_languages()[0]
        detail = _("The site has no such language; leave the parameter out for the language of Accept-Language.")
        errors.append(parameter_error("lang", detail, allowed=[*site_languages(), EVERY]))
    fallback = request.GET.get("fallback", FALLBACKS[0])
    if fallback not in FALLBACKS:
        detail = _("Give “none” for null where a text is missing in the language, or leave the parameter out.")
        errors.append(parameter_error("fallback", detail, allowed=list(FALLBACKS), given=fallback))
    return wording(language, fallback=fallback != "none"), errors
