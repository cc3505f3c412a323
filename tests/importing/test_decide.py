"""The rules of merging, one by one, without a database."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from webapp.connectors.base import Consent
from webapp.importing.decide import ADDED, UNCHANGED, UPDATED, Decisions, Policy, resolve
from webapp.importing.known import Known, Link
from webapp.importing.mapping import Row
from webapp.models import ContactStatus, Criterion, Skip, WriteRule

RUN = 7
EARLY, LATE = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)


def row(
    external_id="1", email="anna@example.com", consent=Consent.GRANTED, updated_at=EARLY, deleted=False, **values
) -> Row:
    changes = [(name, value, WriteRule.OVERWRITE) for name, value in values.items()]
    return Row(external_id, email, email, changes, consent, updated_at, deleted)


def contact(contact_id=1, email="anna@example.com", status=ContactStatus.ACTIVE, **values) -> Known:
    return Known(contact_id, email, email, status, values=values)


def link(of: Known, external_id="1", consent="granted", updated_at=EARLY, seen_run_id=None) -> Link:
    return Link(10, external_id, of, consent, updated_at, seen_run_id)


class Decided(Decisions):
    """Knows what became of the rows it was made for."""

    taken: Counter[str]


def decide(*rows: Row, contacts=(), links=(), erased=(), **policy) -> Decided:
    given = {
        "criterion": Criterion.ADD_AND_UPDATE,
        "only_consenting": True,
        "new_status": ContactStatus.ACTIVE,
        "budget": 10_000,
    }
    decisions = Decided(
        Policy(RUN, **given | policy),
        {known.email_key: known for known in contacts},
        {one.external_id: one for one in links},
        list(links),
        set(erased),
    )
    decisions.taken = Counter(map(decisions.take, rows))
    return decisions


def outcomes(decisions: Decided) -> dict[str, int]:
    return decisions.taken


def test_a_new_person_is_added():
    decisions = decide(row(miasto="Łódź"))
    assert outcomes(decisions) == {ADDED: 1}
    assert decisions.contacts["anna@example.com"].values == {"miasto": "Łódź"}


def test_a_person_whose_data_are_the_same_is_unchanged():
    anna = contact(miasto="Łódź")
    assert outcomes(decide(row(miasto="Łódź"), contacts=[anna], links=[link(anna)])) == {UNCHANGED: 1}
    assert not anna.changed


def test_a_person_whose_data_differ_is_updated():
    anna = contact(miasto="Łódź")
    assert outcomes(decide(row(miasto="Kraków"), contacts=[anna], links=[link(anna)])) == {UPDATED: 1}
    assert anna.values == {"miasto": "Kraków"}


@pytest.mark.parametrize(
    ("status", "skip"),
    [
        (ContactStatus.UNSUBSCRIBED, Skip.UNSUBSCRIBED),
        (ContactStatus.REMOVED, Skip.REMOVED),
        (ContactStatus.BLOCKED, Skip.BLOCKED),
        (ContactStatus.BOUNCED, Skip.BOUNCED),
    ],
)
def test_an_import_never_raises_anyone_who_left(status: ContactStatus, skip: Skip):
    anna = contact(status=status)
    assert outcomes(decide(row(miasto="Łódź"), contacts=[anna])) == {skip: 1}
    assert anna.status is status and not anna.changed


def test_erased_people_do_not_come_back():
    assert outcomes(decide(row(), erased=["anna@example.com"])) == {Skip.ERASED: 1}


@pytest.mark.parametrize("consent", [Consent.NONE, Consent.PENDING])
def test_without_consent_nobody_is_added(consent: Consent):
    decisions = decide(row(consent=consent))
    assert outcomes(decisions) == {Skip.NO_CONSENT: 1} and not decisions.contacts


def test_without_the_filter_people_who_were_never_asked_are_added():
    assert outcomes(decide(row(consent=Consent.NONE), only_consenting=False)) == {ADDED: 1}


def test_without_the_filter_people_who_withdrew_are_still_not_added():
    assert outcomes(decide(row(consent=Consent.WITHDRAWN), only_consenting=False)) == {Skip.NO_CONSENT: 1}


def test_where_consent_is_asked_for_one_that_is_no_longer_told_is_none():
    assert outcomes(decide(row(consent=None))) == {Skip.NO_CONSENT: 1}


def test_a_source_that_knows_no_consent_is_not_filtered():
    assert outcomes(decide(row(consent=None), only_consenting=False)) == {ADDED: 1}


def test_a_source_that_says_nothing_of_consent_any_more_unsubscribes_nobody_and_the_last_word_stays():
    anna = contact()
    known = link(anna)
    decide(row(consent=None), contacts=[anna], links=[known], only_consenting=False)
    assert anna.status is ContactStatus.ACTIVE and known.consent == "granted"


@pytest.mark.parametrize("only_consenting", [True, False])
@pytest.mark.parametrize("consent", [Consent.WITHDRAWN, Consent.NONE, Consent.PENDING])
def test_consent_that_is_no_longer_given_unsubscribes(consent: Consent, only_consenting: bool):
    anna = contact()
    decisions = decide(row(consent=consent), contacts=[anna], links=[link(anna)], only_consenting=only_consenting)
    assert outcomes(decisions) == {UPDATED: 1}
    assert anna.status is ContactStatus.UNSUBSCRIBED and anna.withdrawn


@pytest.mark.parametrize("criterion", list(Criterion))
def test_withdrawal_reaches_the_list_whatever_the_criterion(criterion: Criterion):
    anna = contact()
    decide(row(consent=Consent.WITHDRAWN), contacts=[anna], links=[link(anna)], criterion=criterion)
    assert anna.status is ContactStatus.UNSUBSCRIBED


def test_a_contact_from_elsewhere_is_not_unsubscribed_because_a_shop_never_asked():
    anna = contact()
    assert outcomes(decide(row(consent=Consent.NONE), contacts=[anna])) == {Skip.NO_CONSENT: 1}
    assert anna.status is ContactStatus.ACTIVE


def test_add_only_leaves_existing_people_alone():
    anna = contact(miasto="Łódź")
    decisions = decide(row(miasto="Kraków"), row("2", "jan@example.com"), contacts=[anna], criterion=Criterion.ADD)
    assert outcomes(decisions) == {Skip.OUTSIDE_CRITERION: 1, ADDED: 1} and anna.values == {"miasto": "Łódź"}


def test_update_only_adds_nobody():
    anna = contact()
    decisions = decide(row(miasto="Łódź"), row("2", "jan@example.com"), contacts=[anna], criterion=Criterion.UPDATE)
    assert outcomes(decisions) == {UPDATED: 1, Skip.OUTSIDE_CRITERION: 1}


def test_a_list_with_double_opt_in_gets_unconfirmed_people():
    decisions = decide(row(), new_status=ContactStatus.UNCONFIRMED)
    assert decisions.contacts["anna@example.com"].status is ContactStatus.UNCONFIRMED


def test_a_new_address_that_is_free_moves_the_contact():
    anna = contact(email="old@example.com")
    assert outcomes(decide(row(email="new@example.com"), contacts=[anna], links=[link(anna)])) == {UPDATED: 1}
    assert (anna.id, anna.email_key, anna.moved) == (1, "new@example.com", True)


def test_a_new_address_that_somebody_has_moves_the_link():
    old, new = contact(1, "old@example.com"), contact(2, "new@example.com")
    of_person = link(old)
    assert outcomes(decide(row(email="new@example.com"), contacts=[old, new], links=[of_person])) == {UPDATED: 1}
    assert of_person.contact is new and of_person.changed and old.email_key == "old@example.com"


@pytest.mark.parametrize("closed", ["old@example.com", "new@example.com"])
def test_an_unsubscribed_old_or_new_address_blocks_the_change(closed: str):
    old, new = contact(1, "old@example.com"), contact(2, "new@example.com")
    for one in (old, new):
        one.status = ContactStatus.UNSUBSCRIBED if one.email_key == closed else ContactStatus.ACTIVE
    of_person = link(old)
    assert outcomes(decide(row(email="new@example.com"), contacts=[old, new], links=[of_person])) == {
        Skip.UNSUBSCRIBED: 1
    }
    assert of_person.contact is old


def test_an_erased_new_address_blocks_the_change():
    old = contact(1, "old@example.com")
    assert outcomes(
        decide(row(email="new@example.com"), contacts=[old], links=[link(old)], erased=["new@example.com"])
    ) == {Skip.ERASED: 1}
    assert old.email_key == "old@example.com"


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_two_people_with_one_address_the_newest_data_win_in_either_order(newest_first: bool):
    rows = [row("1", miasto="stare", updated_at=EARLY), row("2", miasto="nowe", updated_at=LATE)]
    decisions = decide(*(reversed(rows) if newest_first else rows))
    known = decisions.contacts["anna@example.com"]
    assert known.values == {"miasto": "nowe"}
    assert {one.contact for one in decisions.links.values()} == {known} and len(decisions.links) == 2


def test_two_people_with_one_address_do_not_take_turns_at_every_import():
    anna = contact(miasto="nowe")
    links = [link(anna, "1", updated_at=EARLY), link(anna, "2", updated_at=LATE)]
    rows = [row("1", miasto="stare", updated_at=EARLY), row("2", miasto="nowe", updated_at=LATE)]
    assert outcomes(decide(*rows, contacts=[anna], links=links)) == {UNCHANGED: 2}


def test_a_person_delivered_twice_is_counted_as_repeated_and_the_newest_data_win():
    anna = contact(miasto="stare")
    seen = link(anna, seen_run_id=RUN)
    assert outcomes(decide(row(miasto="nowe", updated_at=LATE), contacts=[anna], links=[seen])) == {Skip.REPEATED: 1}
    assert anna.values == {"miasto": "nowe"}


def test_an_older_repetition_changes_nothing():
    anna = contact(miasto="nowe")
    seen = link(anna, updated_at=LATE, seen_run_id=RUN)
    assert outcomes(decide(row(miasto="stare", updated_at=EARLY), contacts=[anna], links=[seen])) == {Skip.REPEATED: 1}
    assert anna.values == {"miasto": "nowe"}


def test_a_person_deleted_in_the_source_stays_on_the_list():
    anna = contact()
    known = link(anna)
    assert outcomes(decide(row(deleted=True), contacts=[anna], links=[known])) == {Skip.DELETED_IN_SOURCE: 1}
    assert known.deleted and not anna.changed


def test_the_budget_counts_added_and_updated_people_only():
    anna = contact(miasto="Łódź")
    decisions = decide(
        row(miasto="Łódź"), row("2", "a@example.com", Consent.NONE), contacts=[anna], links=[link(anna)], budget=1
    )
    others = [row("3", "jan@example.com"), row("4", "ewa@example.com")]
    assert decisions.take_all(others) == [ADDED]
    assert decisions.take_all(others[1:]) == [] and "ewa@example.com" not in decisions.contacts


@pytest.mark.parametrize(
    ("current", "value", "rule", "expected"),
    [
        ("Łódź", None, WriteRule.OVERWRITE, "Łódź"),
        ("Łódź", None, WriteRule.ONLY_EMPTY, "Łódź"),
        ("Łódź", None, WriteRule.CLEAR, None),
        ("", None, WriteRule.CLEAR, ""),
        ("Łódź", "Kraków", WriteRule.OVERWRITE, "Kraków"),
        ("Łódź", "Kraków", WriteRule.ONLY_EMPTY, "Łódź"),
        ("Łódź", "Kraków", WriteRule.CLEAR, "Kraków"),
        (None, "Kraków", WriteRule.ONLY_EMPTY, "Kraków"),
        (0, 5, WriteRule.ONLY_EMPTY, 0),
    ],
)
def test_write_rules(current, value, rule, expected):
    assert resolve(current, value, rule) == expected


def test_when_two_people_who_shared_an_address_part_the_contact_stays_with_the_one_who_kept_it():
    both = contact(email="dom@example.com")
    decisions = decide(
        row("1", "anna@example.com"),
        row("2", "dom@example.com"),
        contacts=[both],
        links=[link(both, "1"), link(both, "2")],
    )
    assert outcomes(decisions) == {UPDATED: 1, UNCHANGED: 1}
    assert decisions.links["2"].contact is both and both.email == "dom@example.com"
    assert decisions.links["1"].contact is decisions.contacts["anna@example.com"] is not both


def test_people_who_parted_are_unchanged_when_they_are_read_again():
    anna, other = contact(1), contact(2, "dom@example.com")
    again = decide(
        row("1"), row("2", "dom@example.com"), contacts=[anna, other], links=[link(anna, "1"), link(other, "2")]
    )
    assert outcomes(again) == {UNCHANGED: 2}


def test_the_last_one_of_those_who_shared_a_contact_takes_it_along():
    both = contact(email="dom@example.com")
    decisions = decide(
        row("1", "anna@example.com"),
        row("2", "jan@example.com"),
        contacts=[both],
        links=[link(both, "1"), link(both, "2")],
    )
    assert outcomes(decisions) == {UPDATED: 2}
    assert both.email == "jan@example.com" and decisions.links["1"].contact is not both


def test_whoever_is_deleted_in_the_source_does_not_hold_a_shared_contact_back():
    both = contact(email="dom@example.com")
    gone = link(both, "2")
    gone.deleted = True
    decisions = decide(row("1", "anna@example.com"), contacts=[both], links=[link(both, "1"), gone])
    assert decisions.links["1"].contact is both and both.email == "anna@example.com"


def test_an_import_that_only_updates_does_not_make_a_contact_for_whoever_parts():
    both = contact(email="dom@example.com")
    decisions = decide(
        row("1", "anna@example.com"),
        contacts=[both],
        links=[link(both, "1"), link(both, "2")],
        criterion=Criterion.UPDATE,
    )
    assert outcomes(decisions) == {Skip.OUTSIDE_CRITERION: 1}
