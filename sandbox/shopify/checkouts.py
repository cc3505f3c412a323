"""Abandoned checkouts: about every tenth person left one behind, some of them as guests."""

from array import array
from dataclasses import dataclass

from ..people import DAY, NEWEST_CHANGE, Person, Trait, draw
from ..population import Population


@dataclass(frozen=True)
class Checkout:
    """What `person` left in the basket; the customer is missing where the person was a guest."""

    person: Person
    number: int
    created_at: int

    @property
    def customer(self) -> Person | None:
        return self.person if self.person.draw(Trait.CHECKOUT_GUEST, 8) else None

    @property
    def updated_at(self) -> int:
        return self.created_at + 600

    @property
    def completed_at(self) -> int | None:
        """Every sixth was paid for later."""
        return self.created_at + DAY if self.person.draw(Trait.CHECKOUT_RECOVERED, 6) == 0 else None


class Checkouts:
    """The checkouts of a population, by the index of their person."""

    def __init__(self, population: Population):
        self._population = population
        self._first_number = 31_000_000_000_001 + population.seed * 1_000_000_000

    def number(self, index: int) -> int:
        return self._first_number + index * 11

    def created_at(self, index: int) -> int:
        return NEWEST_CHANGE - draw(self._population.seed, index, Trait.CHECKOUT_TIME, 90 * DAY)

    def creation_key(self, index: int) -> tuple[int, int]:
        return self.created_at(index) * 1000, self.number(index)

    def at(self, index: int) -> Checkout | None:
        person = self._population.person(index)
        return Checkout(person, self.number(index), self.created_at(index)) if person else None

    def by_number(self) -> array:
        return self._population.chosen(left_a_checkout)

    def by_creation(self) -> array:
        return self._population.remember("checkouts by creation", self._sorted_by_creation)

    def _sorted_by_creation(self) -> array:
        return array("q", sorted(self.by_number(), key=self.creation_key))


def left_a_checkout(person: Person) -> bool:
    return person.draw(Trait.CHECKOUT, 10) == 0
