"""What a connector declares and answers. A connector knows one vendor, and neither Flask nor the database."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from webapp.connectors.kinds import Consent, FieldKind, Group, Role
from webapp.connectors.reasons import Reason


@dataclass(frozen=True)
class Setting:
    """One field of a connect form. Labels and hints are message ids; `clean` returns the value to keep or raises ConnectorError.

    `choices` are pairs of value and label (a message id); the first is the default. An optional field that is left empty
    is kept as "" without being cleaned.
    """

    name: str
    label: str
    hint: str = ""
    placeholder: str = ""
    secret: bool = False
    clean: Callable[[str], str] = str.strip
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = True


@dataclass(frozen=True)
class Way:
    """One way of connecting, with the settings it asks for, e.g. key and secret, or a pasted token.

    `sign_in`: people sign in at the vendor, and the connector is `SigningIn`. `steps` tell them where to find the settings;
    `app_steps` tell the administrator how to make the application at the vendor that this way needs.
    """

    key: str
    label: str
    settings: tuple[Setting, ...]
    steps: tuple[str, ...] = ()
    sign_in: bool = False
    app_steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class SignIn:
    """One attempt to sign in at a vendor: a `state` to find it again, the PKCE `verifier` (RFC 7636), and where the vendor sends people back to."""

    state: str
    verifier: str
    redirect_uri: str

    @property
    def challenge(self) -> str:
        """The S256 challenge of the verifier."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True)
class ConnectedAccount:
    """Whom the credentials opened: the vendor's own id, a name for people, and the groups that cannot be read, with why."""

    external_id: str
    name: str
    unavailable: Mapping[Group, Reason] = field(default_factory=dict)


# The source of those who agreed. Others of its people may be delivered too, so that whoever withdrew is noticed: they are
# never added.
SUBSCRIBERS = "subscribers"


@dataclass(frozen=True)
class Source:
    """A set of people that can be imported. `kind` and `name`: kind is a message id, name the vendor's own words or a message id.

    `incremental` says that the vendor can tell who changed since a given time; `total` is None where the vendor does not count.
    """

    id: str
    kind: str
    name: str
    total: int | None = None
    incremental: bool = True
    has_consent: bool = True


@dataclass(frozen=True)
class Field:
    """A column of the source. `key` is stable, `label` a message id or the vendor's own words."""

    key: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    role: Role | None = None
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """One person as delivered: `values` holds only the columns asked for, as text, number, bool, list or None.

    `consent` is None where the source knows no consent; `updated_at` is aware UTC; `unreadable` marks a record that could not be understood.
    """

    external_id: str
    values: Mapping[str, Any]
    consent: Consent | None = None
    updated_at: datetime | None = None
    deleted: bool = False
    unreadable: bool = False


@dataclass(frozen=True)
class Window:
    """Which changes to read: from `since` (None: everyone) up to `until`, both aware UTC and fixed for the whole pass."""

    since: datetime | None
    until: datetime


@dataclass(frozen=True)
class Page:
    """People in the source's order, and the cursor that goes on after them (JSON; None on the last page).

    A page of nobody with the cursor that was already reached is a sign of life, while a connector reads again what it must skip.
    `later` says that the vendor still prepares what was asked for: nobody yet, and the worker is free for others until it
    comes back with this cursor after so many seconds. How often that may happen is bounded by the connector.
    """

    people: Sequence[Person]
    cursor: dict[str, Any] | None
    later: float = 0


MOST_AGAIN = 100
Ask = Callable[[Mapping[str, str]], Mapping[str, str]]
Renew = Callable[[Mapping[str, str], Ask], Mapping[str, str]]


def renew_alone(stale: Mapping[str, str], ask: Ask) -> Mapping[str, str]:
    """Renewing where nobody else works with the same credentials."""
    return {**stale, **ask(stale)}


@dataclass(frozen=True)
class Access:
    """What a connector works with.

    `credentials` are the decrypted settings and tokens, `keep` stores new ones, `endpoints` says where the vendor is
    and which application of the installation speaks to it (`client_id`, `client_secret`), `page_size` caps what is asked for
    at once, and `in_bulk` says whether a vendor may be told to prepare everyone: not where a few are wanted as samples.
    `renew(stale, ask)` renews tokens that several processes share: one of them calls `ask` with what is stored, whose answer
    is stored; the others get that. It returns all credentials.
    """

    http: Any
    credentials: Mapping[str, str]
    keep: Callable[[Mapping[str, str]], None]
    endpoints: Mapping[str, str]
    page_size: int = 250
    renew: Renew = renew_alone
    in_bulk: bool = True


class Connector(Protocol):
    """One vendor. Every method may raise ConnectorError."""

    key: ClassVar[str]
    label: ClassVar[str]
    tagline: ClassVar[str]
    code: ClassVar[str]
    ways: ClassVar[tuple[Way, ...]]
    groups: ClassVar[tuple[Group, ...]]
    sentences: ClassVar[Mapping[Reason, str]]

    def __init__(self, access: Access): ...

    def check(self) -> ConnectedAccount:
        """Ask the vendor whether the credentials work, and for whom."""

    def sources(self, group: Group) -> list[Source]:
        """What can be imported from this group, with counts, read live."""

    def fields(self, group: Group, source_id: str) -> list[Field]:
        """The columns that people of this source have."""

    def incremental(self, group: Group, source_id: str) -> bool:
        """Whether the vendor can tell who of this source changed since a given time. Known without asking."""

    def count(self, group: Group, source_id: str, window: Window | None = None) -> int | None:
        """How many people the source has (in the window), or None where the vendor does not say."""

    def people(
        self, group: Group, source_id: str, columns: Sequence[str], window: Window, cursor: dict[str, Any] | None
    ) -> Iterator[Page]:
        """Pages of people, from the start or from a cursor that an earlier page gave, up to 30 days ago.

        Whoever asks for more behind the last page has kept it: the vendor's own copy may be cleared up then.
        """

    def again(self, group: Group, source_id: str, columns: Sequence[str], ids: Sequence[str]) -> Iterator[Person]:
        """Those of these people (external ids, MOST_AGAIN at once) whom the source still has; nobody where it cannot be asked so."""

    def revoke(self) -> None:
        """Give the credentials back to the vendor, where it takes them."""


class SigningIn(Connector, Protocol):
    """A connector that has a way of signing in at the vendor (OAuth 2.0 authorisation code, RFC 6749)."""

    def authorize_url(self, sign_in: SignIn) -> str:
        """Where to send the browser. The settings of the form are in the credentials; asks nobody."""

    def exchange(self, sign_in: SignIn, answer: Mapping[str, str]) -> None:
        """Turn what the vendor sent back (the query of the redirect, its state already compared) into tokens, and `keep` them.

        Raises ConnectorError: SIGN_IN_REFUSED when the person said no, SIGN_IN_EXPIRED for a code that is spent or too old,
        APP_REFUSED when the vendor does not take the application, FOREIGN_HOST for an address that is not the vendor's.
        """
