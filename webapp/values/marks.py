"""Marks for texts that are translated later, by whoever shows them."""


def N_(message: str) -> str:  # noqa: N802 - the name pybabel looks for
    return message
