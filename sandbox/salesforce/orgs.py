"""The organisations: two that work, one behind each login host, and one for each way in which an organisation refuses."""

from dataclasses import dataclass
from typing import Any

from ..account import Account
from ..options import Options
from ..people import Person
from ..population import Population
from .tokens import Tokens

SMALL = 30
PRODUCTION, SANDBOX = "login.salesforce.com", "test.salesforce.com"


@dataclass(frozen=True)
class Profile:
    """How an organisation differs. `used` is how many of its 15 000 requests a day are gone at the start."""

    name: str
    title: str
    login: str = PRODUCTION
    share: int | None = None
    api: bool = True
    leads: bool = True
    opt_out: bool = True
    used: int = 18
    installed: bool = True


PROFILES = (
    Profile("bukowina", "Bukowina – górskie specjały", share=1),
    Profile("tatry", "Tatry Outlet (sandbox)", SANDBOX, share=2),
    Profile("bezapi", "Firma w edycji bez API", api=False),
    Profile("bezleadow", "Firma bez dostępu do leadów", leads=False),
    Profile("bezopt", "Firma bez pola rezygnacji", opt_out=False),
    Profile("limit", "Firma bez limitu zapytań", used=14_990),
    Profile("bezaplikacji", "Firma bez zainstalowanej aplikacji", installed=False),
)


class Org(Account):
    """An organisation with its contacts, its leads (half as many), its tokens, its open cursors and its query jobs."""

    def __init__(self, profile: Profile, position: int, options: Options):
        size = options.people // profile.share if profile.share else min(SMALL, options.people)
        seed = options.seed + 400 + position
        super().__init__(profile.name, seed, size)
        self.profile, self.number = profile, f"00DRO00000{position:05}EAA"
        self.leads = Population(seed + 50, size // 2)
        self._start()

    def _start(self) -> None:
        self.tokens = Tokens()
        self.used = self.profile.used
        self.locators: dict[str, dict[str, Any]] = {}
        self.jobs: dict[str, Any] = {}
        self.made_jobs, self.steps = 0, 1
        self.hidden: set[str] = set() if self.profile.opt_out else {"HasOptedOutOfEmail"}

    @property
    def my_domain(self) -> str:
        return f"{self.name}.my.salesforce.com"

    def people_of(self, entity: str) -> Population:
        return self.leads if entity == "Lead" else self.population

    def reset(self) -> None:
        super().reset()
        self.leads.restore(self._first_size // 2)
        self._start()


def all_orgs(options: Options) -> dict[str, Org]:
    return {profile.name: Org(profile, n, options) for n, profile in enumerate(PROFILES)}


def record_id(entity: str, person: Person) -> str:
    """Eighteen characters, which rise with the index."""
    return numbered(entity, person.index)


def numbered(entity: str, index: int) -> str:
    return f"{'00Q' if entity == 'Lead' else '003'}RO{index * 37 + 1:010}YAM"


def expire_tokens(org: Org, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `expire_tokens`: every session has ended, and with it every cursor that it had opened.

    With `pages` so much time has gone by that query jobs are gone too, which no session owns.
    """
    org.tokens.expire()
    org.locators.clear()
    if wishes.get("pages"):
        org.jobs.clear()
    return {"expired": True}


def revoke_tokens(org: Org, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `revoke_tokens`: refresh tokens are dead too."""
    org.tokens.revoke()
    return {"revoked": True}


def rotate_tokens(org: Org, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `rotate_tokens`: a renewal replaces the refresh token, and the old one is dead at once."""
    org.tokens.rotates = bool(wishes.get("on", True))
    return {"rotates": org.tokens.rotates}


def hide_field(org: Org, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `hide_field`: the person's profile does not show this column (`name`) any more."""
    org.hidden.add(str(wishes.get("name")))
    return {"hidden": sorted(org.hidden)}


def prepare_jobs(org: Org, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `prepare_jobs`: a query job is complete when its state has been asked for more than so many (`steps`) times."""
    org.steps = int(wishes.get("steps", 1))
    return {"steps": org.steps}


def expire_jobs(org: Org, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `expire_jobs`: seven days have gone by, and every query job with them."""
    org.jobs.clear()
    return {"expired": True}


def use_requests(org: Org, wishes: dict[str, Any]) -> dict[str, Any]:
    """Control action `use_requests`: so many (`number`) of the day's requests are used."""
    org.used = int(wishes.get("number", 14_990))
    return {"used": org.used}
