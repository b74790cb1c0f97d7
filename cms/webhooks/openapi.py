"""Webhooks in the OpenAPI description (OpenAPI 3.1, "webhooks"): what a receiver is sent, and how it answers."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

SIGNATURE = "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="
EXAMPLE = {
    "type": "content.changed",
    "timestamp": "2026-03-05T09:30:00Z",
    "data": {
        "token": "5f0c1d9a27be-1042",
        "changes_url": f"{settings.SITE_URL}{settings.API_PATH}v1/changes/",
    },
}


def add_webhooks(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Add the one webhook of the site to the document ``result``. Called by drf-spectacular when it has made it."""
    summary = _("Be told of changes")
    operation = {
        "operationId": "content_changed",
        "summary": summary,
        "description": _(
            "Sent to the address that the publisher registered for you (Standard Webhooks). It says that there is "
            "something new, not what: ask for the changes since your own token."
        ),
        "tags": ["changes"],
        "security": [{}],
        "parameters": [header(*each) for each in headers()],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": message_schema(), "example": EXAMPLE}},
        },
        "responses": {
            "2XX": {"description": _("The message has come; any such answer within 15 seconds will do.")},
            "410": {"description": _("Send no more messages to this address.")},
        },
    }
    return result | {"webhooks": {"content.changed": {"post": operation}}}


def headers() -> list[tuple[str, str, str]]:
    """Return name, description and an example of each header of a message."""
    return [
        (
            "webhook-id",
            _("Names the message, the same when it is sent again."),
            "msg_2f8a0c1d5b7e4f6a9c3d1e0b8a7f6c5d",
        ),
        (
            "webhook-timestamp",
            _("When it was sent, in seconds since 1970; refuse old ones."),
            "1772703000",
        ),
        ("webhook-signature", _("Signatures of identifier, time and body, divided by spaces."), SIGNATURE),
    ]


def header(name: str, description: str, example: str) -> dict[str, Any]:
    schema = {"type": "string", "examples": [example]}
    return {"name": name, "in": "header", "required": True, "description": description, "schema": schema}


def message_schema() -> dict[str, Any]:
    """Return the schema of the body of a message."""
    return {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {
                "type": "string",
                "enum": ["content.changed", "endpoint.test"],
                "description": _("“endpoint.test” is a test: nothing has changed."),
            },
            "timestamp": {"type": "string", "format": "date-time", "description": _("When it was written.")},
            "data": {
                "type": "object",
                "required": ["token", "changes_url"],
                "properties": {
                    "token": {"type": "string", "description": _("Where the change log stands.")},
                    "changes_url": {"type": "string", "format": "uri", "description": _("Where to ask what changed.")},
                },
            },
        },
    }
