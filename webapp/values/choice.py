"""Values that must be one of a field's options."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

MOST_OPTIONS, OPTION_LIMIT = 500, 120
# In a value table: the value is left out on purpose.
LEAVE_OUT = ""

_WORDS = {True: ("tak", "yes", "true", "1"), False: ("nie", "no", "false", "0")}


def parse(raw: str | bool | int, options: Sequence[str]) -> str:
    """The option that `raw` means, whatever its case and spaces; raises ValueError. Yes and no find their usual words."""
    if isinstance(raw, bool):
        return _first(_WORDS[raw], options)
    return raw if raw in options else _first((str(raw),), options)


def resolved(table: Mapping[str, str], options: Sequence[str]) -> dict[str, str]:
    """A value table (source value → option or LEAVE_OUT) for looking up values as written and folded. What leads to an option that is gone is left out."""
    kept = {value: option for value, option in table.items() if option == LEAVE_OUT or option in options}
    return {fold(value): option for value, option in kept.items()} | kept


def _first(words: Iterable[str], options: Sequence[str]) -> str:
    known = _byfold(tuple(options))
    for word in words:
        if (option := known.get(fold(word))) is not None:
            return option
    raise ValueError("not one of the options")


@lru_cache(maxsize=1000)
def _byfold(options: tuple[str, ...]) -> dict[str, str]:
    return {fold(option): option for option in reversed(options)}


def fold(text: str) -> str:
    """What is the same for every way of writing a value."""
    return "".join(text.split()).casefold()
