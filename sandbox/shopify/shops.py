"""The shops of the sandbox: two that work, and one for each way in which a shop refuses."""

from dataclasses import dataclass
from typing import Any

from ..account import Account
from ..options import Options
from .bucket import Bucket
from .bulk import Operations, Settings
from .checkouts import Checkouts
from .tokens import Tokens

SMALL = 30


@dataclass(frozen=True)
class Profile:
    """How a shop differs from the others. `share` is its part of the people asked for at the start; None: a few."""

    name: str
    title: str
    share: int | None = None
    scopes: tuple[str, ...] = ("read_customers", "read_orders")
    frozen: bool = False
    personal_data: bool = True


PROFILES = (
    Profile("bukowina", "Bukowina – górskie specjały", share=1),
    Profile("tatry", "Tatry Outlet", share=2),
    Profile("zamrozony", "Sklep zamrożony", frozen=True),
    Profile("bezplanu", "Sklep na planie Basic", personal_data=False),
    Profile("bezzgody", "Sklep bez zgody na klientów", scopes=("read_orders",)),
    Profile("bezzamowien", "Sklep bez zgody na zamówienia", scopes=("read_customers",)),
)


class Shop(Account):
    """A shop, its application's credentials, and how many queries it may still be asked."""

    def __init__(self, profile: Profile, position: int, options: Options):
        size = options.people // profile.share if profile.share else min(SMALL, options.people)
        super().__init__(profile.name, options.seed + position, size)
        self.profile = profile
        self.domain = f"{profile.name}.myshopify.com"
        self.client_id = f"demo-client-{profile.name}"
        self.client_secret = f"demo-secret-{profile.name}"
        self.pasted_token = f"shpat_demo-token-{profile.name}"
        self.tokens = Tokens()
        self.bucket = Bucket()
        self.operations = Operations()
        self.checkouts = Checkouts(self.population)

    def scopes_of(self, token: str) -> tuple[str, ...] | None:
        """What a token allows, or None where it is not (or no longer) valid."""
        known = token == self.pasted_token or self.tokens.is_valid(token)
        return self.profile.scopes if known else None

    def reset(self) -> None:
        super().reset()
        self.tokens = Tokens()
        self.bucket = Bucket()
        self.operations = Operations()


def all_shops(options: Options) -> dict[str, Shop]:
    return {profile.name: Shop(profile, n, options) for n, profile in enumerate(PROFILES)}


def throttle(shop: Shop, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `throttling`: `on`, and the bucket's `maximum` and `restore` in points (a second)."""
    shop.bucket = Bucket(wishes.get("maximum", 2000), wishes.get("restore", 100), bool(wishes.get("on", True)))
    return {"throttling": shop.bucket.status()}


def expire_tokens(shop: Shop, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `expire_tokens`: every minted token is dead from now on; `life` (s) is that of the next ones.

    With `pages` so much time went by that the files of bulk operations are gone too.
    """
    shop.tokens.expire()
    if wishes.get("pages"):
        shop.operations.expire()
    if "life" in wishes:
        shop.tokens.life = wishes["life"]
    return {"expired": True, "life": shop.tokens.life}


def bulk(shop: Shop, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `bulk`: how the next bulk operations go (see `bulk.Settings`)."""
    known = {key: value for key, value in wishes.items() if key in Settings.__dataclass_fields__}
    shop.operations.settings = Settings(**known)
    return {"bulk": known}
