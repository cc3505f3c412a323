"""The shops: two that work, and one for each way in which a shop is different or refuses."""

from dataclasses import dataclass
from typing import Any

from ..account import Account
from ..options import Options
from ..people import Person, draw

SMALL = 30
GROUPS = ((0, "NOT LOGGED IN"), (1, "General"), (2, "Wholesale"), (3, "Retailer"))
WEBSITES = ((1, "base", "Sklep główny"), (2, "outlet", "Outlet"))
STORES = ((1, "default", "Polski", 1), (2, "en", "English", 1), (3, "outlet_pl", "Outlet polski", 2))


@dataclass(frozen=True)
class Profile:
    """How a shop differs. `old` is a shop of 2.3: no newsletter flag, the last page again past the end, input limits on."""

    name: str
    title: str
    share: int | None = None
    acl: tuple[str, ...] = ("customers", "groups", "stores")
    bearer: bool = True
    old: bool = False
    closed: bool = False
    rewrites: bool = True


PROFILES = (
    Profile("bukowina", "Bukowina – górskie specjały", share=1),
    Profile("tatry", "Tatry Outlet", share=2),
    Profile("bezbearera", "Sklep bez tokenów Bearer", bearer=False),
    Profile("bezzgody", "Sklep bez zgody na klientów", acl=("groups", "stores")),
    Profile("bezgrup", "Sklep bez zgody na grupy", acl=("customers",)),
    Profile("starszy", "Starszy sklep", old=True),
    Profile("bezprzepisywania", "Sklep bez przepisywania adresów", rewrites=False),
    Profile("konserwacja", "Sklep w konserwacji", closed=True),
)


class Shop(Account):
    """A shop and the four keys of its integration."""

    def __init__(self, profile: Profile, position: int, options: Options):
        size = options.people // profile.share if profile.share else min(SMALL, options.people)
        super().__init__(profile.name, options.seed + 200 + position, size)
        self.profile = profile
        self.consumer_key, self.consumer_secret = f"demo-consumer-{self.name}", f"demo-consumer-secret-{self.name}"
        self.token, self.token_secret = f"demo-token-{self.name}", f"demo-token-secret-{self.name}"
        self._start()

    def _start(self) -> None:
        self.nonces: set[tuple[str, str]] = set()
        self.past_end = "last" if self.profile.old else "first"
        self.largest_page = 300 if self.profile.old else None
        self.serves_all = False

    def reset(self) -> None:
        super().reset()
        self._start()


def all_shops(options: Options) -> dict[str, Shop]:
    return {profile.name: Shop(profile, n, options) for n, profile in enumerate(PROFILES)}


def group_of(person: Person) -> int:
    return (2, 3, 1, 1, 1, 1, 1, 1, 1, 1)[draw(person.seed, person.index, 5001, 10)]


def store_of(person: Person) -> int:
    return (2, 3, 3, 1, 1, 1, 1, 1, 1, 1)[draw(person.seed, person.index, 5002, 10)]


def website_of(person: Person) -> int:
    return next(website for number, _code, _name, website in STORES if number == store_of(person))


def past_end(shop: Shop, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `past_end`: what a page behind the last one shows, `page` "first" or "last"."""
    shop.past_end = wishes.get("page", "first")
    return {"past_end": shop.past_end}


def input_limits(shop: Shop, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `input_limits`: the largest page that may be asked for (`maximum`), or none."""
    shop.largest_page = wishes.get("maximum")
    return {"input_limits": shop.largest_page}


def serve_all(shop: Shop, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `serve_all`: GET with the store code `all` is let through, for clients that know no other."""
    shop.serves_all = bool(wishes.get("on", True))
    return {"serve_all": shop.serves_all}
