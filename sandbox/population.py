"""The people of one vendor account: made when they are asked for, kept only where something was changed."""

import time
from array import array
from collections.abc import Callable, Iterator
from threading import RLock
from typing import Any

from . import awkward
from .people import Person

STEP = 37


class Population:
    """People at indexes 0 to `size` - 1. Numbers (the vendor's ids) rise with the index, with gaps as real ids have."""

    def __init__(self, seed: int, size: int):
        self.seed, self.size = seed, size
        self._version = 0
        self._first_number = 7_000_000_000_001 + seed * 1_000_000_000
        self._changes: dict[int, dict[str, Any]] = {}
        self.deleted: dict[int, int] = {}  # when each of the people who are gone went, by index
        self._remembered: dict[Any, Any] = {}
        self._lock = RLock()

    def __iter__(self) -> Iterator[Person]:
        return (person for index in range(self.size) if (person := self.person(index)))

    def person(self, index: int) -> Person | None:
        """The person at an index, or None where there is none (any more)."""
        if index in self.deleted or not 0 <= index < self.size:
            return None
        person = Person(self.seed, index, self.number(index))
        vars(person).update(awkward.changes(person))
        vars(person).update(self._changes.get(index, {}))
        return person

    def number(self, index: int) -> int:
        return self._first_number + index * STEP

    def find(self, number: int) -> Person | None:
        """The person with the vendor's id, or None."""
        index, rest = divmod(number - self._first_number, STEP)
        return None if rest else self.person(index)

    def change(self, index: int, **changes: Any) -> None:
        with self._lock:
            self._changes.setdefault(index, {}).update(changes)
            self._forget()

    def delete(self, index: int) -> None:
        with self._lock:
            self.deleted[index] = int(time.time())
            self._forget()

    def insert(self, **changes: Any) -> int:
        """Add a person after all others; returns the index."""
        with self._lock:
            index, self.size = self.size, self.size + 1
            self._changes[index] = changes
            self._forget()
        return index

    def resize(self, size: int) -> None:
        with self._lock:
            self.size = size
            self._forget()

    def restore(self, size: int) -> None:
        """Undo every change, and have `size` people again."""
        with self._lock:
            self._changes.clear()
            self.deleted.clear()
            self.resize(size)

    def ordered(self, fact: Callable[[Person], int]) -> array:
        """The indexes, sorted by a fact and then by index; 8 bytes a person, remembered until something changes."""
        return self.remember(("ordered", fact), lambda: self._sorted(fact))

    def _sorted(self, fact: Callable[[Person], int]) -> array:
        facts = {person.index: fact(person) for person in self}
        return array("q", sorted(facts, key=lambda index: (facts[index], index)))

    def chosen(self, test: Callable[[Person], bool]) -> array:
        """The indexes of the people that pass a test, remembered until something changes."""
        return self.remember(("chosen", test), lambda: array("q", (p.index for p in self if test(p))))

    def remember(self, key: Any, compute: Callable[[], Any]) -> Any:
        """What `compute` gives, computed anew only after a change."""
        version = self._version
        known_version, result = self._remembered.get(key, (None, None))
        if known_version != version:
            result = compute()
            self._remembered[key] = (version, result)
        return result

    def _forget(self) -> None:
        self._version += 1
