"""The websites, store views and customer groups of a shop, and to which of them a person belongs (vendor page, section 3)."""

from typing import Any

from ..people import Person, draw
from .shops import Shop

GROUP, WEBSITE, VIEW = 2001, 2002, 2003  # streams of chance that nothing else draws from
GROUPS = ((0, "NOT LOGGED IN"), (1, "General"), (2, "Wholesale"), (3, "Retailer"), (4, "Stali klienci"))
VIEWS = (
    {"id": 0, "code": "admin", "name": "Admin", "website_id": 0, "store_group_id": 0, "is_active": 1},
    {"id": 1, "code": "default", "name": "Polski", "website_id": 1, "store_group_id": 1, "is_active": 1},
    {"id": 2, "code": "en", "name": "English", "website_id": 1, "store_group_id": 1, "is_active": 1},
    {"id": 3, "code": "hurt", "name": "Hurtownia", "website_id": 2, "store_group_id": 2, "is_active": 1},
)
VIEW_NAMES = {view["id"]: view["name"] for view in VIEWS}
VIEW_CODES = frozenset(view["code"] for view in VIEWS if view["id"])


def group_of(person: Person) -> int:
    return 1 + max(0, draw(person.seed, person.index, GROUP, 6) - 2)


def website_of(person: Person) -> int:
    return 2 if draw(person.seed, person.index, WEBSITE, 5) == 0 else 1


def view_of(person: Person) -> int:
    if website_of(person) == 2:
        return 3
    return 2 if draw(person.seed, person.index, VIEW, 8) == 0 else 1


def groups() -> list[dict[str, Any]]:
    return [
        {"id": number, "code": code, "tax_class_id": 3, "tax_class_name": "Retail Customer"} for number, code in GROUPS
    ]


def websites(shop: Shop) -> list[dict[str, Any]]:
    return [
        {"id": 0, "code": "admin", "name": "Admin", "default_group_id": 0},
        {"id": 1, "code": "base", "name": shop.profile.title, "default_group_id": 1},
        {"id": 2, "code": "hurt", "name": "Hurtownia", "default_group_id": 2},
    ]


def views() -> list[dict[str, Any]]:
    return [dict(view) for view in VIEWS]


def configs(shop: Shop, base_url: str) -> list[dict[str, Any]]:
    """One entry a store view; `base_url` ends with a slash."""
    return [_config(view, base_url) for view in VIEWS if view["id"]]


def _config(view: dict[str, Any], base_url: str) -> dict[str, Any]:
    addresses = {
        f"{secure}base_{kind}url": base_url + folder
        for secure in ("", "secure_")
        for kind, folder in (("", ""), ("link_", ""), ("static_", "static/"), ("media_", "media/"))
    }
    return {
        "id": view["id"],
        "code": view["code"],
        "website_id": view["website_id"],
        "locale": "en_US" if view["code"] == "en" else "pl_PL",
        "base_currency_code": "PLN",
        "default_display_currency_code": "PLN",
        "timezone": "Europe/Warsaw",
        "weight_unit": "kgs",
        **addresses,
    }
