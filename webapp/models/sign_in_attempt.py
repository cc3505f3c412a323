"""Attempts to sign in at a vendor: from the button „Połącz” until the vendor sends the browser back."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import db
from webapp.models.database import BigId, Json, UtcDateTime, now
from webapp.models.scope import Owned
from webapp.models.secrets import Sealed

LIFE = timedelta(minutes=10)


class SignInAttempt(Sealed, Owned, db.Model):
    """Good for one answer, in the browser session that began it, for one vendor, for ten minutes (RFC 9700, 4.7).

    The state is kept as a hash, the PKCE verifier sealed. `settings` are what the connect form said; `integration_id` is
    the vendor account that is being connected again.
    """

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    state_hash: Mapped[str] = mapped_column(String(64), unique=True)
    session_hash: Mapped[str] = mapped_column(String(64))
    vendor: Mapped[str] = mapped_column(String(32))
    way: Mapped[str] = mapped_column(String(32))
    settings: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    integration_id: Mapped[int | None] = mapped_column(ForeignKey("integration.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    @classmethod
    def begin(
        cls, session_token: str, vendor: str, way: str, settings: Mapping[str, str], integration_id: int | None
    ) -> tuple[str, str]:
        """A new attempt; returns its state and its verifier."""
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
        row = cls(
            state_hash=digest(state),
            session_hash=digest(session_token),
            vendor=vendor,
            way=way,
            settings=dict(settings),
            integration_id=integration_id,
            expires_at=now() + LIFE,
        )
        db.session.add(row)
        db.session.flush()
        row.keep({"verifier": verifier})
        return state, verifier

    @classmethod
    def take(cls, state: str, session_token: str, vendor: str) -> "SignInAttempt | None":
        """The attempt that this answer belongs to, once: it is gone for whoever asks next."""
        taken = delete(cls).where(
            cls.state_hash == digest(state), cls.session_hash == digest(session_token), cls.vendor == vendor
        )
        row = db.session.scalar(taken.returning(cls))
        return row if row and row.expires_at > now() else None

    def _context(self, name: str) -> str:
        return f"{self.account_id}|sign_in|{self.id}|{name}"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
