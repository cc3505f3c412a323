"""Reading a fake shop in one line."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.connectors.base import Group, Window
from webapp.connectors.reasons import ConnectorError

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WHOLE = Window(None, NOW)
CHANGES = Window(NOW - timedelta(days=1), NOW)
EMAIL = "defaultEmailAddress.emailAddress"


def read(shop, columns=(), source="everyone", window=WHOLE, group=Group.CONTACTS, cursor=None, page_size=3):
    pages = shop.connect(page_size=page_size).people(group, source, list(columns), window, cursor)
    return [person for page in pages for person in page.people]


def leads(shop, *columns):
    return read(shop, columns, "abandoned_checkouts", group=Group.LEADS)


def searches(shop):
    return [asked["variables"].get("query") for asked in shop.asked if "query People" in asked["query"]]


def failure(call) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        call()
    return caught.value
