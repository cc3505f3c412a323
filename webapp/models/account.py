"""The tenant, its people who sign in, and their sessions."""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import ClassVar
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_login import UserMixin
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import db
from webapp.models.database import BigId, UtcDateTime, Word, clock, now
from webapp.models.scope import Owned

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
REMEMBERED = timedelta(days=30)
TOUCH_EVERY = timedelta(minutes=5)

hasher = PasswordHasher()


@cache
def nobody() -> str:
    """Verified when there is no such user, so that an unknown address takes as long as a wrong password."""
    return hasher.hash(secrets.token_urlsafe(16))


class Role(StrEnum):
    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"


class Account(db.Model):
    """The tenant. `timezone` is an IANA name; `contact_limit` is what the plan includes."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    timezone: Mapped[str] = mapped_column(String(64), default="Europe/Warsaw")
    contact_limit: Mapped[int] = mapped_column(default=10_000)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class User(UserMixin, Owned, db.Model):
    """A person who signs in; the address is unique in the whole installation."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[Role] = mapped_column(Word(Role), default=Role.OWNER)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    account: Mapped[Account] = relationship(lazy="joined")
    session_token = None  # set while signed in; not a column

    def get_id(self) -> str | None:
        """Flask-Login keeps the session's token, not the user's id: a token can be revoked."""
        return self.session_token

    def set_password(self, password: str) -> None:
        self.password_hash = hasher.hash(password)

    @classmethod
    def authenticate(cls, email: str, password: str) -> "User | None":
        """The active user with this address and password, or None; takes as long either way."""
        user = db.session.scalar(select(cls).where(cls.email_key == email.strip().lower()))
        fits = _verify(user.password_hash if user else nobody(), password)
        if not user or not fits or not user.active:
            return None
        if hasher.check_needs_rehash(user.password_hash):
            user.set_password(password)
        return user


def _verify(password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


class UserSession(Owned, db.Model):
    """One signed-in browser. Only a hash of its token is kept, and deleting the row signs it out at once."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    remembered: Mapped[bool] = mapped_column(default=False)

    user: Mapped[User] = relationship(lazy="joined")
    found_at: ClassVar[datetime]  # set by `find`; not a column

    @classmethod
    def start(cls, user: User, remember: bool) -> str:
        """Sign the user in on one more browser; returns the token for its cookie."""
        token = secrets.token_urlsafe(32)
        life = REMEMBERED if remember else LONGEST
        row = cls(
            user_id=user.id,
            account_id=user.account_id,
            token_hash=_digest(token),
            expires_at=now() + life,
            remembered=remember,
        )
        db.session.add(row)
        return token

    @classmethod
    def find(cls, token: str) -> "UserSession | None":
        """The living session with this token, or None. Every request asks it, so the clock is read by the same query."""
        found = db.session.execute(select(cls, clock()).where(cls.token_hash == _digest(token))).first()
        if found is None:
            return None
        row, row.found_at = found
        return row if row.alive(row.found_at) else None

    def alive(self, moment: datetime) -> bool:
        rested = not self.remembered and moment - self.seen_at > IDLE
        return moment < self.expires_at and not rested and self.user.active

    @property
    def needs_touch(self) -> bool:
        return self.found_at - self.seen_at > TOUCH_EVERY


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
