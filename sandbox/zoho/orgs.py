"""The organisations: two that work, in two data centres, and one for each way in which an organisation refuses."""

from dataclasses import dataclass
from typing import Any

from ..account import Account
from ..options import Options
from ..people import Person
from ..population import Population
from .jobs import Jobs
from .tokens import Tokens

SMALL = 30
DATA_CENTRES = ("com", "eu", "in", "com.au", "jp", "com.cn", "ca", "sa", "uk")
CONTACTS, LEADS = "Contacts", "Leads"
SCOPES = frozenset(
    f"ZohoCRM.{name}.READ"
    for name in (
        "modules.contacts",
        "modules.leads",
        "settings.fields",
        "settings.custom_views",
        "settings.modules",
        "org",
        "users",
        "bulk",
    )
)


@dataclass(frozen=True)
class Profile:
    """How an organisation differs. `modules` are those that the person who signs in may see, `withheld` the scopes never given."""

    name: str
    title: str
    dc: str = "eu"
    share: int | None = None
    modules: tuple[str, ...] = (CONTACTS, LEADS)
    withheld: frozenset[str] = frozenset()
    credits: bool = True
    opt_out: bool = True


PROFILES = (
    Profile("bukowina", "Bukowina – górskie specjały", share=1),
    Profile("tatry", "Tatry Outlet", "com", share=2),
    Profile("bezzgody", "Firma bez zgody na dane", withheld=SCOPES - {"ZohoCRM.org.READ"}),
    Profile("bezuprawnien", "Firma bez uprawnień do leadów", modules=(CONTACTS,)),
    Profile("bezlimitu", "Firma bez limitu zapytań", credits=False),
    Profile("bezpola", "Firma bez pola rezygnacji", opt_out=False),
)


class Org(Account):
    """An organisation with its contacts, its leads (half as many) and its tokens."""

    def __init__(self, profile: Profile, position: int, options: Options):
        size = options.people // profile.share if profile.share else min(SMALL, options.people)
        seed = options.seed + 300 + position
        super().__init__(profile.name, seed, size)
        self.profile, self.number = profile, str(20_090_000_000 + position)
        self.leads = Population(seed + 50, size // 2)
        self._start()

    def _start(self) -> None:
        self.tokens, self.jobs = Tokens(), Jobs()
        self.page_tokens_since = 0
        self.extra_fields = 0

    def people_of(self, module: str) -> Population:
        return self.population if module == CONTACTS else self.leads

    def reset(self) -> None:
        super().reset()
        self.leads.restore(self._first_size // 2)
        self._start()


def all_orgs(options: Options) -> dict[str, Org]:
    return {profile.name: Org(profile, n, options) for n, profile in enumerate(PROFILES)}


def record_id(person: Person) -> str:
    """Nineteen digits, which rise with the index."""
    return f"415086{person.number}"


def expire_tokens(org: Org, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `expire_tokens`: every access token is dead from now on, and with `pages` every page token and file."""
    org.tokens.expire()
    if wishes.get("pages"):
        org.page_tokens_since += 1
        org.jobs.expire()
    return {"expired": True}


def revoke_tokens(org: Org, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `revoke_tokens`: the person took the access back at Zoho; refresh tokens are dead too."""
    org.tokens.revoke()
    return {"revoked": True}


def throttle_tokens(org: Org, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `throttle_tokens`: `on`, so many renewals in ten minutes as `most` (10); refusals have this `status` (400)."""
    org.tokens.most = int(wishes.get("most", 10)) if wishes.get("on", True) else None
    org.tokens.lock_status = int(wishes.get("status", 400))
    return {"most": org.tokens.most}
