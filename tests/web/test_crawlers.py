"""What must hold for every route there is, and for every route there will be."""

from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests import factories
from tests.importing.test_engine import do
from tests.web.world import HOSTILE, UNSAFE, make_world
from webapp.extensions import db
from webapp.models import Contact
from webapp.models.scope import acting_for, everyone
from webapp.security import PUBLIC_ENDPOINTS

# Read by machines, or by people who are not signed in yet.
OPEN = PUBLIC_ENDPOINTS | {"health.show", "signin.new", "signin.create"}


def rules(app: Flask, unsafe: bool):
    return [
        rule
        for rule in app.url_map.iter_rules()
        if bool(rule.methods & UNSAFE) is unsafe and rule.endpoint not in PUBLIC_ENDPOINTS
    ]


def everything() -> dict[str, list[tuple]]:
    """All rows of all tables, as they stand in the database."""
    db.session.rollback()
    with everyone():
        return {
            mapper.class_.__name__: sorted(map(repr, db.session.execute(select(*mapper.columns)).all()))
            for mapper in db.Model.registry.mappers
        }


def test_every_change_without_a_token_is_refused_and_changes_nothing(app, account, client):
    world = make_world()
    before = everything()
    app.config["WTF_CSRF_ENABLED"] = True
    for rule in rules(app, unsafe=True):
        answer = client.post(world.path(app, rule), data={"name": "x"})
        assert answer.status_code == 400, rule
    assert everything() == before


def test_htmx_with_a_stale_token_is_told_to_refresh(app, account, client):
    world = make_world()
    app.config["WTF_CSRF_ENABLED"] = True
    for rule in rules(app, unsafe=True):
        answer = client.post(world.path(app, rule), headers={"HX-Request": "true", "X-CSRFToken": "stale"})
        assert (answer.status_code, answer.headers.get("HX-Refresh")) == (400, "true"), rule


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_every_id_of_another_account_is_not_found_and_stays_as_it_is(app, account, foreign, client, headers):
    with acting_for(foreign.id):
        world = make_world()
    before = everything()
    for rule in app.url_map.iter_rules():
        if rule.arguments - {"vendor", "filename"}:
            method = "POST" if rule.methods & UNSAFE else "GET"
            answer = client.open(world.path(app, rule), method=method, headers=headers)
            assert answer.status_code == 404, rule
    assert everything() == before


def test_unknown_ids_are_not_found_in_polish(app, account, client):
    answer = client.get("/historia/999999")
    assert answer.status_code == 404 and 'lang="pl"' in answer.text


@pytest.mark.parametrize("number", [2**63, 10**30])
def test_a_number_that_no_row_can_have_is_no_fault_of_ours(app, account, client, number):
    for address in (f"/historia/{number}", f"/listy/{number}", f"/importy/{number}/pola"):
        assert client.get(address).status_code == 404, address
    for query in (f"import={number}", f"przed={number}"):
        assert client.get(f"/historia?{query}").status_code == 200, query


def test_nothing_but_the_front_door_is_open_to_strangers(app, account, anonymous):
    world = make_world()
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in OPEN:
            method = "POST" if rule.methods & UNSAFE else "GET"
            answer = anonymous.open(world.path(app, rule), method=method)
            assert answer.status_code == 302 and "/logowanie" in answer.location, rule
            fragment = anonymous.open(world.path(app, rule), method=method, headers={"HX-Request": "true"})
            assert fragment.status_code == 401 and "/logowanie" in fragment.headers["HX-Redirect"], rule


def test_every_answer_carries_the_headers(app, account, client):
    world = make_world()
    for rule in [*rules(app, unsafe=False), *rules(app, unsafe=True)]:
        method = "POST" if rule.methods & UNSAFE else "GET"
        check_headers(client.open(world.path(app, rule), method=method), rule)
    check_headers(client.get("/nie-ma-takiej-strony"), "404")


def check_headers(answer, rule) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy, rule
    assert answer.headers["X-Content-Type-Options"] == "nosniff", rule
    assert answer.headers["Referrer-Policy"] == "same-origin", rule
    assert answer.headers["Cache-Control"] == "no-store", rule
    assert {"HX-Request", "Cookie"} <= set(answer.vary.to_header().split(", ")), rule


def pages(app: Flask, client: FlaskClient, world) -> dict[str, str]:
    """Every page and fragment that can be looked at."""
    found = {}
    for rule in rules(app, unsafe=False):
        if rule.endpoint == "health.show":
            continue
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(world.path(app, rule), headers=headers)
            assert answer.status_code < 500, (rule, answer.text)
            found[f"{rule} {headers}"] = answer.text if answer.mimetype.startswith("text/") else ""
    return found


def test_looking_changes_nothing(app, account, client):
    world = make_world()
    pages(app, client, world)  # asking the vendor renews its token, once
    before = everything()
    pages(app, client, world)
    assert everything() == before


def test_no_page_shows_a_credential(app, account, client):
    world = make_world()
    for rule, text in pages(app, client, world).items():
        assert factories.CREDENTIALS["client_secret"] not in text and "correct horse" not in text, rule


class Elements(HTMLParser):
    """Counts what only an attacker would have put there."""

    def __init__(self):
        super().__init__()
        self.strange: list[str] = []

    def handle_starttag(self, tag, attrs):
        names = {name for name, _ in attrs}
        if tag == "img" or tag == "svg" or any(name.startswith("on") for name in names):
            self.strange.append(tag)


def test_hostile_texts_show_harmlessly_on_every_page(app, account, client, vendors):
    world = make_world(HOSTILE)
    shown = 0
    for rule, text in pages(app, client, world).items():
        elements = Elements()
        if "odrzuceni" not in rule:
            elements.feed(text)
            assert not elements.strange, rule
        assert "7*7" not in text or "{{7*7}}" in text, rule
        shown += "{{7*7}}" in text
    assert shown >= 8


def test_nothing_inline_that_the_policy_would_block(app, account, client):
    world = make_world()
    for rule, text in pages(app, client, world).items():
        assert " style=" not in text and " hx-on" not in text and "javascript:" not in text, rule


FORMULA = '=HYPERLINK("http://zlo.example";"tutaj")'


def test_hostile_people_who_come_through_an_import_are_harmless_on_every_page_and_in_both_files(
    app, account, client, vendors
):
    world = make_world()
    everyone = vendors.truth()
    subscribed = [person for person in everyone[60:] if person["consent"] == "SUBSCRIBED"]
    for person, name in zip(subscribed, (HOSTILE, FORMULA, "'; DROP TABLE contact; --"), strict=False):
        changes = {"email": person["email"], "first_name": name, "last_name": HOSTILE}
        vendors.tell(action="mutate", id=person["id"], changes=changes)
    vendors.tell(action="mutate", id=everyone[-1]["id"], changes={"email": FORMULA})
    recurring_import = factories.make_recurring_import(factories.make_integration("obok"))
    recurring_import.integration.keep(factories.CREDENTIALS)
    db.session.commit()
    run = do(recurring_import)
    someone = db.session.scalar(select(Contact).where(Contact.first_name.contains("{{7*7}}")))
    world.ids |= {"list_id": recurring_import.list_id, "contact_id": someone.id, "run_id": run.id}
    world.ids |= {"recurring_import_id": recurring_import.id}
    shown = 0
    for rule, text in pages(app, client, world).items():
        elements = Elements()
        elements.feed("" if "odrzuceni" in rule else text)
        assert not elements.strange, rule
        assert "7*7" not in text or "{{7*7}}" in text, rule
        shown += "{{7*7}}" in text
    assert shown >= 2
    table = client.get(f"/historia/{run.id}/odrzuceni.csv").text
    assert ";\"'=" in table and ';"=' not in table
