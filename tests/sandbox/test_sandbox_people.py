"""The made-up people: always the same, plausible, and awkward where they should be."""

from collections import Counter

import pytest

from sandbox import awkward
from sandbox.names import feminine
from sandbox.people import DAY, NEWEST_CHANGE, Person
from sandbox.population import Population

ALLOWED_DOMAINS = ("example.com", ".example")


def described(person):
    return person.number, person.first_name, person.last_name, person.email, person.city, person.tags, person.updated_at


def ordinary(people):
    return [person for person in people if awkward.kind_of(person.index) is None]


def of_kind(kind, population):
    return next(person for person in population if awkward.kind_of(person.index) == kind)


def test_the_same_seed_gives_the_same_people():
    assert [described(p) for p in Population(7, 200)] == [described(p) for p in Population(7, 200)]


def test_another_seed_gives_other_people():
    assert [described(p) for p in Population(7, 50)] != [described(p) for p in Population(8, 50)]


def test_one_person_does_not_depend_on_the_size_of_the_shop():
    assert described(Population(7, 100).person(42)) == described(Population(7, 100_000).person(42))


def test_a_known_person_stays_the_same_in_every_version_of_python():
    person = Person(7, 0, 1)
    assert (person.first_name, person.last_name, person.city.name) == ("Bożena", "Zalewska", "Szczecin")


def test_surnames_follow_the_sex_of_the_first_name():
    assert [feminine(name) for name in ("Kowalski", "Nowicki", "Zawadzki", "Nowak")] == [
        "Kowalska",
        "Nowicka",
        "Zawadzka",
        "Nowak",
    ]
    for person in ordinary(Population(7, 1000)):
        assert not (person.is_woman and person.last_name.endswith("ski"))
        assert person.is_woman == person.first_name.endswith("a")


def test_addresses_are_only_under_reserved_domains():
    for person in Population(7, 2000):
        if awkward.kind_of(person.index) not in ("no_email", "empty_email", "blank_email", "no_domain", "no_top_level"):
            assert person.email.strip("\u00a0. ").lower().endswith(ALLOWED_DOMAINS), person.email


def test_ordinary_addresses_are_unique():
    emails = [person.email for person in ordinary(Population(7, 5000))]
    assert len(emails) == len(set(emails))


def test_about_seventy_percent_are_subscribed_and_every_state_occurs():
    states = Counter(person.consent for person in Population(7, 5000))
    assert set(states) == {"subscribed", "not_subscribed", "unsubscribed", "pending", "invalid"}
    assert 0.66 < states["subscribed"] / 5000 < 0.74


def test_changes_are_spread_over_a_year():
    times = [person.updated_at for person in Population(7, 2000)]
    assert NEWEST_CHANGE - 365 * DAY < min(times) < NEWEST_CHANGE - 300 * DAY
    assert NEWEST_CHANGE - 30 * DAY < max(times) <= NEWEST_CHANGE


def test_nobody_is_changed_before_being_created():
    assert all(person.created_at <= person.updated_at for person in Population(7, 2000))


@pytest.mark.parametrize("kind", awkward.KINDS)
def test_a_small_shop_holds_every_awkward_kind(kind):
    assert of_kind(kind, Population(7, 120))


def test_about_one_in_fifty_is_awkward_in_a_big_shop():
    kinds = Counter(awkward.kind_of(index) for index in range(10_000))
    assert 0.015 < 1 - kinds[None] / 10_000 < 0.03


def test_a_twin_has_the_address_of_the_person_before_in_capitals():
    population = Population(7, 120)
    twin = of_kind("twin", population)
    assert twin.email == population.person(twin.index - 1).email.upper()


def test_the_two_forms_of_a_name_look_alike_and_differ():
    population = Population(7, 120)
    assert of_kind("nfc", population).last_name != of_kind("nfd", population).last_name


def test_whoever_has_no_address_has_a_phone():
    assert of_kind("no_email", Population(7, 120)).phone.startswith("+48")


def test_a_changed_person_keeps_everything_else():
    population = Population(7, 10)
    before = population.person(2)
    population.change(2, email="nowy@example.com")
    after = population.person(2)
    assert (after.email, after.first_name, after.number) == ("nowy@example.com", before.first_name, before.number)


def test_a_deleted_person_is_found_no_more():
    population = Population(7, 10)
    number = population.number(4)
    population.delete(4)
    assert population.find(number) is None
    assert len(list(population)) == 9


def test_a_number_between_two_people_belongs_to_nobody():
    population = Population(7, 10)
    assert population.find(population.number(4) + 1) is None


def test_an_order_is_made_anew_after_a_change():
    population = Population(7, 10)
    latest = lambda person: person.updated_at  # noqa: E731
    population.ordered(latest)
    population.change(3, updated_at=NEWEST_CHANGE + 1)
    assert population.ordered(latest)[-1] == 3


def test_restoring_undoes_changes_deletions_and_insertions():
    population = Population(7, 10)
    before = [described(person) for person in population]
    population.change(1, email="x@example.com")
    population.delete(2)
    population.insert(email="y@example.com")
    population.restore(10)
    assert [described(person) for person in population] == before
