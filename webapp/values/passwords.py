"""Which passwords are too easy to guess."""

from webapp.values.marks import N_

SHORTEST = 12
FEWEST_CHARACTERS = 5

# The long ones among the most frequent passwords, and their Polish relatives.
COMMON = frozenset(
    "123456789012 1234567890123 0123456789ab 1q2w3e4r5t6y 1qaz2wsx3edc qwertyuiopas qwertyuiop123 qwerty123456 "
    "qwerty12345678 password1234 password12345 password123456 passwordpassword administrator administrator1 "
    "iloveyou1234 welcome12345 letmein12345 changeme1234 abcdefghijkl abcd12345678 zaq12wsxcde3 zaq1xsw2cde3 "
    "haslo1234567 haslohaslo123 haslohaslohaslo polska123456 polskapolska kochamcie123 dupadupadupa "
    "demo-doplyw-demo doplyw123456 doplywdoplyw".split()
)

TOO_SHORT = N_("The password has fewer than 12 characters. Choose a longer one, for example a few words.")
TOO_COMMON = N_("This password is easy to guess. Choose another one, for example a few words.")


def fault(password: str, email: str = "") -> str | None:
    """Why the password may not be used, as a message id; None for a good one."""
    if len(password) < SHORTEST:
        return TOO_SHORT
    plain = password.casefold()
    return TOO_COMMON if plain in COMMON or len(set(plain)) < FEWEST_CHARACTERS or plain == email.casefold() else None
