"""Keys in requests: ``Authorization: Bearer <key>`` (RFC 6750), never in an address, where logs would keep it."""

from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from publishing.models import ApiKey, ApiUsage

LAST_USED_EVERY = timedelta(minutes=1)  # no need to write at each request
MAX_KEY_LENGTH = 200  # characters


class KeyAuthentication(BaseAuthentication):
    """Recognises a partner by its key, as ``request.auth``. Without a key everybody may read; a wrong one is 401."""

    def authenticate(self, request: Request) -> tuple[None, ApiKey] | None:
        header = get_authorization_header(request)
        if not header:
            return None
        scheme, _space, token = header.partition(b" ")
        if scheme.lower() != b"bearer":
            raise AuthenticationFailed(_("Send the key as “Authorization: Bearer KEY”."))
        key = usable_key(token.strip())
        if key is None:
            raise AuthenticationFailed(
                _("This key is not known, has expired or was revoked. Leave it out to read without one.")
            )
        return None, key

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 (RFC 9110, section 11.6.1)."""
        return 'Bearer realm="api"'


def usable_key(token: bytes) -> ApiKey | None:
    """Return the key that ``token`` is, or ``None``; notes when it was last used."""
    try:
        text = token.decode("ascii")
    except UnicodeDecodeError:
        return None
    if not text.startswith(ApiKey.PREFIX) or len(text) > MAX_KEY_LENGTH:
        return None
    key = ApiKey.objects.usable().filter(digest=ApiKey.digest_of(text)).first()
    now = timezone.now()
    if key and (key.last_used_at is None or now - key.last_used_at > LAST_USED_EVERY):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def count_use(key: ApiKey, *, now: datetime, refused: bool = False) -> int:
    """Count a request of ``key`` in the hour of ``now`` and return how many there were in it, this one included.

    The database adds, so processes that count at once lose nothing.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    rows = ApiUsage.objects.filter(key=key, hour=hour)
    counted = {"requests": F("requests") + 1, "refused": F("refused") + int(refused)}
    if not rows.update(**counted):
        ApiUsage.objects.get_or_create(key=key, hour=hour)
        rows.update(**counted)
    return rows.values_list("requests", flat=True).get()
