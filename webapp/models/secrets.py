"""Rows that hold credentials, and the keys that these are encrypted with."""

from collections.abc import Mapping

from flask import current_app
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.database import Json
from webapp.values.secrets import KeyRing


class Sealed:
    """Credentials by name, each encrypted by itself and bound to its row: copied to another place it does not open."""

    sealed: Mapped[dict[str, str]] = mapped_column(Json, default=dict)

    @property
    def credentials(self) -> dict[str, str]:
        """The decrypted credentials; raises InvalidSecret when a value was moved here from elsewhere."""
        return {name: key_ring().decrypt(envelope, self._context(name)) for name, envelope in self.sealed.items()}

    def keep(self, credentials: Mapping[str, str]) -> None:
        """Encrypt these credentials over the ones that are here; the row must have its id."""
        fresh = {name: key_ring().encrypt(value, self._context(name)) for name, value in credentials.items()}
        self.sealed = {**self.sealed, **fresh}

    def _context(self, name: str) -> str:
        raise NotImplementedError


def key_ring() -> KeyRing:
    """The ring of this process, made once from the settings."""
    if "key_ring" not in current_app.extensions:
        current_app.extensions["key_ring"] = KeyRing(current_app.config["CREDENTIAL_KEYS"])
    return current_app.extensions["key_ring"]
