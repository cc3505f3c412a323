"""The stores of the sandbox: two that work, an empty one, and one for each way in which a store refuses."""

from dataclasses import dataclass
from typing import Any

from ..account import Account
from ..options import Options
from .rates import Rates
from .shoppers import Shoppers

SEED = 100
SMALL = 30
CUSTOMERS, INFORMATION = "store_v2_customers_read_only", "store_v2_information_read_only"


@dataclass(frozen=True)
class Profile:
    """How a store differs from the others. `share` is its part of the people asked for at the start; None: a few."""

    name: str
    title: str
    share: int | None = None
    scopes: tuple[str, ...] = (CUSTOMERS, INFORMATION)
    locked: bool = False
    empty: bool = False
    groups: bool = True


PROFILES = (
    Profile("bukowina", "Bukowina – górskie specjały", share=1),
    Profile("tatry", "Tatry Outlet", share=2),
    Profile("bezzgody", "Sklep bez zgody na klientów", scopes=(INFORMATION,)),
    Profile("zamrozony", "Sklep zablokowany", locked=True),
    Profile("pusty", "Sklep bez klientów", empty=True),
    Profile("bezgrup", "Sklep na planie bez grup", scopes=(CUSTOMERS,), groups=False),
)


class Store(Account):
    """A store, its token, and how many requests it may still be asked."""

    def __init__(self, profile: Profile, position: int, options: Options):
        size = options.people // profile.share if profile.share else min(SMALL, options.people)
        super().__init__(profile.name, options.seed + SEED + position, 0)
        self._first_size = 0 if profile.empty else size
        self.population = Shoppers(options.seed + SEED + position, self._first_size)
        self.profile = profile
        self.token = f"demo-token-{profile.name}"
        self.reset()

    def reset(self) -> None:
        super().reset()
        self.rates = Rates()
        self.cursors_since = 0


def all_stores(options: Options) -> dict[str, Store]:
    return {profile.name: Store(profile, n, options) for n, profile in enumerate(PROFILES)}


def throttle(store: Store, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `throttling`: `on`, the `quota` of requests, and its window in milliseconds (`window_ms`)."""
    store.rates = Rates(wishes.get("quota", 150), wishes.get("window_ms", 30_000), bool(wishes.get("on", True)))
    return {"throttling": store.rates.headers()}


def expire_cursors(store: Store, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `expire_cursors`: no cursor given out so far is accepted any more."""
    store.cursors_since += 1
    return {"expired": True}
