"""One made-up person: every fact is drawn from a seed and the person's index, and only when it is asked for.

The same seed and index always give the same person, so that a shop of any size needs no memory for its people.
"""

from datetime import UTC, date, datetime, timedelta
from enum import IntEnum, auto
from functools import cached_property
from typing import Any

from anyascii import anyascii

from . import names

DAY = 86_400
NEWEST_CHANGE = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
CONSENTS = (("subscribed", 70), ("not_subscribed", 84), ("unsubscribed", 93), ("pending", 98), ("invalid", 100))
_MASK = (1 << 64) - 1


class Trait(IntEnum):
    """What is drawn; each has its own stream, so that a new trait does not change the others."""

    WOMAN = auto()
    FIRST_NAME = auto()
    LAST_NAME = auto()
    EMAIL_DOMAIN = auto()
    PHONE = auto()
    PHONE_PREFIX = auto()
    PHONE_FORM = auto()
    CITY = auto()
    STREET = auto()
    HOUSE = auto()
    ZIP = auto()
    ADDRESS = auto()
    COMPANY = auto()
    CONSENT = auto()
    CONSENT_AGE = auto()
    DOUBLE_OPT_IN = auto()
    TAG = auto()
    BIRTHDAY = auto()
    SIZE = auto()
    POINTS = auto()
    ORDERS = auto()
    SPENT = auto()
    CREATED = auto()
    UPDATED = auto()
    NOTE = auto()
    ACCOUNT = auto()
    CHECKOUT = auto()
    CHECKOUT_TIME = auto()
    CHECKOUT_RECOVERED = auto()
    CHECKOUT_GUEST = auto()


def draw(seed: int, index: int, trait: int, sides: int) -> int:
    """A number below `sides`, always the same for the same seed, index and trait (SplitMix64's finaliser)."""
    mixed = (seed * 0x9E3779B97F4A7C15 + index * 0xD1B54A32D192ED03 + trait * 0x8CB92BA72F3D8DD7) & _MASK
    mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & _MASK
    return (mixed ^ mixed >> 31) % sides


class Person:
    """A person of a shop, CRM or store. Times are whole seconds since 1970, UTC; `number` is the vendor's own id."""

    def __init__(self, seed: int, index: int, number: int, **changes: Any):
        self.seed, self.index, self.number = seed, index, number
        # A cached property yields to the instance's own attribute: what was changed is never drawn.
        vars(self).update(changes)

    def draw(self, trait: Trait, sides: int) -> int:
        return draw(self.seed, self.index, trait, sides)

    def pick(self, trait: Trait, options: Any) -> Any:
        return options[self.draw(trait, len(options))]

    @cached_property
    def is_woman(self) -> bool:
        return self.draw(Trait.WOMAN, 2) == 1

    @cached_property
    def first_name(self) -> str | None:
        return self.pick(Trait.FIRST_NAME, names.WOMEN if self.is_woman else names.MEN)

    @cached_property
    def last_name(self) -> str | None:
        surname = self.pick(Trait.LAST_NAME, names.SURNAMES)
        return names.feminine(surname) if self.is_woman else surname

    @cached_property
    def email(self) -> str | None:
        local = anyascii(f"{self.first_name}.{self.last_name}").lower()
        return f"{local}{self.index + 1}@{self.pick(Trait.EMAIL_DOMAIN, names.EMAIL_DOMAINS)}"

    @cached_property
    def _phone_parts(self) -> tuple[str, str, str]:
        digits = f"{self.draw(Trait.PHONE, 1_000_000):06}"
        return self.pick(Trait.PHONE_PREFIX, names.MOBILE_PREFIXES), digits[:3], digits[3:]

    @cached_property
    def phone(self) -> str | None:
        """In E.164; every third person has none."""
        return None if self.index % 3 == 0 else "+48" + "".join(self._phone_parts)

    @cached_property
    def address_phone(self) -> str:
        """As a person typed it."""
        return self.pick(Trait.PHONE_FORM, names.PHONE_FORMS).format(*self._phone_parts)

    @cached_property
    def has_address(self) -> bool:
        return self.draw(Trait.ADDRESS, 10) > 0

    @cached_property
    def city(self) -> names.City:
        return self.pick(Trait.CITY, names.CITIES)

    @cached_property
    def street(self) -> str:
        return f"{self.pick(Trait.STREET, names.STREETS)} {self.draw(Trait.HOUSE, 120) + 1}"

    @cached_property
    def zip(self) -> str:
        return f"{self.city.zip_prefix}-{self.draw(Trait.ZIP, 1000):03}"

    @cached_property
    def company(self) -> str | None:
        return self.pick(Trait.COMPANY, (*names.COMPANIES, *[None] * 60))

    @cached_property
    def consent(self) -> str:
        """One of subscribed, not_subscribed, unsubscribed, pending, invalid."""
        percent = self.draw(Trait.CONSENT, 100)
        return next(state for state, below in CONSENTS if percent < below)

    @cached_property
    def double_opt_in(self) -> bool:
        return self.draw(Trait.DOUBLE_OPT_IN, 3) == 0

    @cached_property
    def consent_at(self) -> int | None:
        if self.consent == "not_subscribed":
            return None
        return self.updated_at - self.draw(Trait.CONSENT_AGE, self.updated_at - self.created_at + 1)

    @cached_property
    def tags(self) -> list[str]:
        """Sorted as text; about every tenth person has a given tag."""
        return sorted(tag for n, tag in enumerate(names.TAGS) if draw(self.seed, self.index, 1000 + n, 10) == 0)

    @cached_property
    def birthday(self) -> date | None:
        day = self.draw(Trait.BIRTHDAY, 24_000)
        return None if day % 4 == 0 else date(1942, 1, 1) + timedelta(days=day)

    @cached_property
    def size(self) -> str | None:
        return self.pick(Trait.SIZE, (*names.SIZES, None, None))

    @cached_property
    def points(self) -> int | None:
        points = self.draw(Trait.POINTS, 3000)
        return points if points % 3 else None

    @cached_property
    def orders(self) -> int:
        return max(0, self.draw(Trait.ORDERS, 16) - 5)

    @cached_property
    def spent(self) -> str:
        """In PLN, as decimal text."""
        grosze = self.orders * (2_000 + self.draw(Trait.SPENT, 40_000))
        return f"{grosze // 100}.{grosze % 100:02}"

    @cached_property
    def created_at(self) -> int:
        return self.updated_at - self.draw(Trait.CREATED, 4 * 365 * DAY)

    @cached_property
    def updated_at(self) -> int:
        return NEWEST_CHANGE - self.draw(Trait.UPDATED, 365 * DAY)

    @cached_property
    def note(self) -> str | None:
        return self.pick(Trait.NOTE, (*names.NOTES, *[None] * 20))

    @cached_property
    def account(self) -> str:
        """Whether the person can sign in at the shop: disabled, enabled, invited or declined."""
        return self.pick(Trait.ACCOUNT, ("disabled",) * 6 + ("enabled",) * 3 + ("invited", "declined"))
