"""Values that must be one of a field's options."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

_WORDS = {True: ("tak", "yes", "true", "1"), False: ("nie", "no", "false", "0")}


def parse(raw: str | bool | int, options: Sequence[str]) -> str:
    """The option that `raw` means, whatever its case and spaces; raises ValueError. Yes and no find their usual words."""
    if isinstance(raw, bool):
        return _first(_WORDS[raw], options)
    return raw if raw in options else _first((str(raw),), options)


def _first(words: Iterable[str], options: Sequence[str]) -> str:
    known = _by_fold(tuple(options))
    for word in words:
        if (option := known.get(_fold(word))) is not None:
            return option
    raise ValueError("not one of the options")


@lru_cache(maxsize=1000)
def _by_fold(options: tuple[str, ...]) -> dict[str, str]:
    return {_fold(option): option for option in reversed(options)}


def _fold(text: str) -> str:
    return "".join(text.split()).casefold()
