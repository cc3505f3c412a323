"""Renewing tokens that several processes share."""

import threading
from collections.abc import Mapping
from datetime import timedelta

import pytest

from tests.databases import on_both_databases
from tests.factories import make_integration
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.extensions import db
from webapp.importing.renewal import renewing
from webapp.models import IntegrationState
from webapp.models.database import now
from webapp.models.scope import acting_for

pytestmark = on_both_databases
OLD = {"access_token": "old", "refresh_token": "r1"}
NEW = {"access_token": "new", "refresh_token": "r2"}


@pytest.fixture
def integration(account):
    integration = make_integration()
    integration.keep(OLD)
    db.session.commit()
    return integration


def stored(integration) -> Mapping[str, str]:
    db.session.rollback()
    db.session.refresh(integration)
    return integration.credentials


def impatient(_seconds: float) -> None:
    pytest.fail("nobody was to be waited for")


def reason_of(call) -> Reason:
    with pytest.raises(ConnectorError) as caught:
        call()
    return caught.value.reason


def test_what_the_vendor_gave_is_stored_together_and_returned_with_the_rest(integration):
    renewed = renewing(integration.id, impatient)(OLD, lambda known: NEW)
    assert renewed["access_token"] == "new" and renewed["shop"] == "bukowina.myshopify.com"
    assert stored(integration).items() >= NEW.items()


def test_the_vendor_is_asked_with_what_is_stored_and_not_with_what_somebody_remembers(integration):
    asked = []
    renewing(integration.id, impatient)(
        {"access_token": "old", "refresh_token": "r0"}, lambda known: asked.append(known) or {}
    )
    assert asked[0]["refresh_token"] == "r1"


def test_what_somebody_else_has_renewed_is_taken_without_asking(integration):
    integration.keep(NEW)
    db.session.commit()
    renewed = renewing(integration.id, impatient)(OLD, lambda known: pytest.fail("asked again"))
    assert renewed["access_token"] == "new"


def test_two_who_come_at_once_ask_the_vendor_once(app, account, integration):
    asked, results, at_once = [], [], threading.Barrier(2)

    def ask(known):
        asked.append(known["refresh_token"])
        threading.Event().wait(0.3)
        return NEW

    def work():
        with app.app_context(), acting_for(account.id):
            at_once.wait()
            results.append(renewing(integration.id)(OLD, ask)["access_token"])

    db.session.commit()
    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert asked == ["r1"] and results == ["new", "new"]


def test_no_transaction_is_open_while_the_vendor_is_asked(integration):
    def ask(known):
        assert not db.session().in_transaction()
        return NEW

    renewing(integration.id, impatient)(OLD, ask)


def test_a_refusal_leaves_the_tokens_and_the_next_one_may_try(integration):
    def refuse(known):
        raise ConnectorError(Reason.UNAUTHORIZED)

    assert reason_of(lambda: renewing(integration.id, impatient)(OLD, refuse)) is Reason.UNAUTHORIZED
    assert stored(integration).items() >= OLD.items()
    assert renewing(integration.id, impatient)(OLD, lambda known: NEW)["access_token"] == "new"


def test_whoever_died_while_renewing_is_waited_for_no_longer_than_a_minute(integration):
    integration.renewing_until = now() - timedelta(seconds=1)
    db.session.commit()
    assert renewing(integration.id, impatient)(OLD, lambda known: NEW)["access_token"] == "new"


def test_a_renewal_that_never_ends_is_given_up_and_tried_later(integration):
    integration.renewing_until = now() + timedelta(minutes=5)
    db.session.commit()
    waits: list[float] = []
    renew = renewing(integration.id, waits.append)
    assert reason_of(lambda: renew(OLD, lambda known: NEW)) is Reason.UNAVAILABLE
    assert 55 <= sum(waits) <= 65


def test_an_account_that_was_disconnected_meanwhile_takes_no_tokens(integration):
    def ask(known):
        integration.disconnect()
        db.session.commit()
        return NEW

    renewing(integration.id, impatient)(OLD, ask)
    assert stored(integration) == {} and integration.state is IntegrationState.DISCONNECTED
    assert reason_of(lambda: renewing(integration.id, impatient)(OLD, ask)) is Reason.UNAUTHORIZED
