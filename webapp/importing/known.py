"""What is known of people while they are decided: contacts of the list, and records of the source."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from webapp.models import ContactStatus
from webapp.models.contact_list import REACHABLE


@dataclass(eq=False, slots=True)
class Known:
    """A contact of the list, as stored or about to be; `id` is None while it is new.

    `away` is whoever was taken off the list because the source had lost them.
    """

    id: int | None
    email_key: str
    email: str
    status: ContactStatus
    first_name: str = ""
    last_name: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    changed: bool = False
    moved: bool = False
    away: bool = False
    withdrawn: bool = False
    returned: bool = False
    before: dict[str, Any] | None = None

    def note(self, name: str) -> None:
        """Keep what a field of a stored contact holds before it is changed for the first time."""
        if self.id is not None:
            self.before = self.before or {}
            self.before.setdefault(name, self.value(name))

    def value(self, name: str) -> Any:
        """The value of email, of a part of the name, or of `field:<key>`."""
        return self.values.get(name[6:]) if name.startswith("field:") else getattr(self, name)

    def held(self, names: Iterable[str]) -> dict[str, Any]:
        """The present values of these fields."""
        return {name: self.value(name) for name in names}

    @property
    def reachable(self) -> bool:
        """Whether an import may change the contact; one who was taken off because the source had lost them may come back."""
        return self.status in REACHABLE or self.away


@dataclass(eq=False, slots=True)
class Link:
    """A source record, as stored or about to be."""

    id: int | None
    external_id: str
    contact: Known
    consent: str | None = None
    updated_at: datetime | None = None
    seen_run_id: int | None = None
    deleted: bool = False
    changed: bool = False
