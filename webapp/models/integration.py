"""A vendor's account that is connected to one of ours."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import db
from webapp.models.database import BigId, Json, UtcDateTime, Word, now
from webapp.models.scope import Owned
from webapp.models.secrets import Sealed


class IntegrationState(StrEnum):
    CONNECTED = "connected"
    NEEDS_RECONNECTING = "needs_reconnecting"
    DISCONNECTED = "disconnected"


class Integration(Sealed, Owned, db.Model):
    """One vendor account. A disconnected one keeps its imports and history; connecting the same `external_id` again takes it up.

    `renewing_until` is set while a process renews its tokens, `told_at` once its owners were written to that it was lost.
    """

    __table_args__ = (UniqueConstraint("account_id", "vendor", "external_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    vendor: Mapped[str] = mapped_column(String(32))
    way: Mapped[str] = mapped_column(String(32))
    external_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    state: Mapped[IntegrationState] = mapped_column(Word(IntegrationState), default=IntegrationState.CONNECTED)
    reason: Mapped[str | None] = mapped_column(String(32))
    unavailable: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    connected_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    disconnected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    renewing_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def of_account(cls, vendor: str, external_id: str) -> "Integration | None":
        """This vendor account, connected now or before."""
        return db.session.scalar(select(cls).where(cls.vendor == vendor, cls.external_id == external_id))

    @property
    def connected(self) -> bool:
        return self.state is IntegrationState.CONNECTED

    def reconnect(self, way: str, name: str, unavailable: Mapping[str, str]) -> None:
        """Take up a vendor account that answered with new credentials."""
        self.way, self.name, self.unavailable = way, name, dict(unavailable)
        self.state, self.reason, self.sealed = IntegrationState.CONNECTED, None, {}
        self.connected_at, self.disconnected_at, self.renewing_until, self.told_at = now(), None, None, None

    def lose(self, reason: str) -> None:
        """The vendor no longer takes the credentials."""
        self.state, self.reason = IntegrationState.NEEDS_RECONNECTING, reason

    def disconnect(self) -> None:
        """Forget the credentials; contacts, history and settings stay."""
        self.state, self.reason, self.sealed, self.disconnected_at = IntegrationState.DISCONNECTED, None, {}, now()

    def _context(self, name: str) -> str:
        return f"{self.account_id}|{self.id}|{name}"
