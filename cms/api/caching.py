"""Conditional requests (RFC 9110, section 13), answered from the content version before any content is read.

An ``ETag`` is strong: it names the address, language, coding, content version and the code that answers, so two
answers under one tag are the same bytes.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import http_date, parse_etags, parse_http_date_safe

from cms.api.outcomes import NotModifiedError
from cms.api.wording import Wording
from cms.content.languages import site_languages
from cms.pages.codings import coding_for
from cms.pages.stored.generation import code_version
from cms.publishing.actions import publish_due
from cms.publishing.log_mark import renew_if_it_went_back
from cms.publishing.models import ContentState, content_state

logger = logging.getLogger(__name__)


def current_state() -> ContentState:
    """Return the state of the public content after what is due has been published; one query when nothing is."""
    state = content_state()
    if state.next_due_at and state.next_due_at <= timezone.now():
        try:
            publish_due()
        except DatabaseError:
            logger.exception("Scheduled changes could not be applied.")
        state = content_state()
    return content_state() if renew_if_it_went_back(state) else state


@dataclass(frozen=True)
class Validators:
    """The ``ETag`` and ``Last-Modified`` of an answer."""

    etag: str
    modified: datetime | None

    @classmethod
    def of(cls, request: HttpRequest, wording: Wording, state: ContentState) -> "Validators":
        """Return the validators of the answer to ``request`` at a state of the content."""
        coding = coding_for(request.headers.get("Accept-Encoding", ""))
        parts = (
            *(request.scheme, request.get_host(), request.get_full_path()),
            *(wording.requested, *wording.chain, *site_languages()),
            *(state.log, state.version, code_version(), settings.SITE_URL),
        )
        name = hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()
        return cls(f'"{name}-{coding}"' if coding else f'"{name}"', last_modified(state))

    def check(self, request: HttpRequest) -> None:
        """Raise :class:`NotModifiedError` where the client has this answer already.

        ``If-None-Match: *`` is for later: whether there is anything is not known yet.
        """
        if given := request.headers.get("If-None-Match", "").strip():
            if given != "*" and self.etag in {tag.removeprefix("W/") for tag in parse_etags(given)}:
                raise NotModifiedError
        elif self.modified and (since := request.headers.get("If-Modified-Since")):
            seconds = parse_http_date_safe(since)
            if seconds is not None and self.modified.timestamp() <= seconds <= timezone.now().timestamp():
                raise NotModifiedError

    def headers(self) -> dict[str, str]:
        """Return both as headers."""
        modified = {"Last-Modified": http_date(self.modified.timestamp())} if self.modified else {}
        return {"ETag": self.etag, **modified}


def last_modified(state: ContentState) -> datetime | None:
    """Return the time of the last change, to the next full second, or ``None`` while that second lasts.

    A header knows no parts of a second: rounded down, two changes within one could not be told apart (RFC 9110,
    section 8.8.2.2).
    """
    if state.changed_at is None:
        return None
    rounded = state.changed_at.replace(microsecond=0) + timedelta(seconds=1)
    return rounded if rounded <= timezone.now() else None
