"""What a webhook says and how it is signed (Standard Webhooks, version 1.0.0, "Signature scheme")."""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime

from django.conf import settings
from django.urls import reverse

from cms.publishing.models import ChangeLogHead
from cms.publishing.tokens import change_token
from cms.webhooks.models import WebhookDelivery

PREFIX = "whsec_"
SECRET_BYTES = 32  # the specification asks for 24 to 64


def new_secret() -> str:
    """Return a random signing secret in the form that receivers' libraries take: ``whsec_<base64>``."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a message under ``secret``: ``v1,<base64 of HMAC-SHA-256>``.

    ``timestamp`` is in seconds since 1970 and is signed too, so that an old message cannot be sent again.
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def headers(delivery: WebhookDelivery, now: datetime) -> dict[str, str]:
    """Return the headers with which ``delivery`` is sent at ``now``."""
    timestamp = int(now.timestamp())
    body = delivery.body.encode()
    signatures = [
        signature(secret, delivery.message_id, timestamp, body) for secret in delivery.endpoint.secrets_now()
    ]
    return {
        "Content-Type": "application/json",
        "User-Agent": f"strategy-site (+{settings.SITE_URL})",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def message(event: str, head: ChangeLogHead, now: datetime) -> str:
    """Return the body of a message: where the change log stands, and where to ask what changed."""
    return json.dumps(
        {
            "type": event,
            "timestamp": now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "data": {
                "token": change_token(head),
                "changes_url": settings.SITE_URL + reverse("api:changes"),
            },
        }
    )
