"""An account's own application at a vendor, through which its people sign in there."""

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import db
from webapp.models.database import BigId
from webapp.models.scope import Owned
from webapp.models.secrets import Sealed


class VendorApp(Sealed, Owned, db.Model):
    """Client id and secret of one vendor's application, which take the place of the installation's own.

    `credentials` hold them under the names `client_id` and `client_secret`.
    """

    __table_args__ = (UniqueConstraint("account_id", "vendor"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    vendor: Mapped[str] = mapped_column(String(32))

    @classmethod
    def of(cls, vendor: str) -> "VendorApp | None":
        """The account's application at this vendor."""
        return db.session.scalar(select(cls).where(cls.vendor == vendor))

    def _context(self, name: str) -> str:
        return f"{self.account_id}|app|{self.id}|{name}"
