"""A document before it is a file: what a process that makes files is given, so without anything of the site's."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Source:
    """A strategy in one language, ready to be made into a file; its texts hold nothing that XML forbids.

    Equal digests make equal files.
    """

    key: UUID
    slug: str
    language: str
    title: str
    author: str
    subject: str
    published_at: datetime
    address: str
    html: str
    digest: str

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {**asdict(self), "key": str(self.key), "published_at": self.published_at.isoformat()}

    @classmethod
    def of_json(cls, data: dict[str, Any]) -> "Source":
        """Return what :meth:`as_json` was made from."""
        published_at = datetime.fromisoformat(data["published_at"])
        return cls(**{**data, "key": UUID(data["key"]), "published_at": published_at})
