"""Places in Zoho's people that outlive their tokens, and records that are bent: whatever happens, nobody is missed silently."""

from datetime import UTC, timedelta

import pytest

from webapp.connectors.base import Group
from webapp.connectors.reasons import Reason

from .reading import failure
from .standins import WHOLE, people_of
from .zoho_org import Org, refusal

COLUMNS = ["Email", "Tag", "Lead_Source", "Zainteresowania", "Punkty", "Owner"]


@pytest.fixture
def org() -> Org:
    return Org()


def ids(people) -> list[str]:
    return [person.external_id for person in people]


def contacts(org, page_size=7):
    return org.connect(page_size).people(Group.CONTACTS, "everyone", ["Email"], WHOLE, None)


class TestPageTokens:
    @pytest.mark.parametrize("code", ["EXPIRED_VALUE", "TOKEN_BOUND_DATA_MISMATCH", "INVALID_DATA"])
    def test_a_token_that_is_lost_in_the_middle_loses_nobody_and_repeats_nobody(self, org, code):
        expected, found, reading = ids(org.read()), [], contacts(org)
        found += ids(next(reading).people)
        org.instead("page_token=", 400, refusal(code), times=1)
        assert found + ids(people_of(list(reading))) == expected

    def test_tokens_that_are_always_lost_end_the_reading(self, org):
        org.instead("page_token=", 400, refusal("EXPIRED_VALUE"))
        assert failure(lambda: list(contacts(org))).reason is Reason.PAGING_LOOP

    def test_a_cursor_goes_on_with_its_token_while_that_lives(self, org):
        page = next(contacts(org))
        org.asked.clear()
        org.read("Email", cursor=page.cursor)
        assert all("page_token=" in url for url in org.asked if "/Contacts?" in url)

    def test_a_cursor_serves_another_page_size_and_other_columns(self, org):
        expected, page = ids(org.read()), next(contacts(org))
        rest = org.read("Email", "Punkty", "Tag", cursor=page.cursor, page_size=4)
        assert ids(rest) == expected[7:] and all(len(person.values) == 3 for person in rest)

    def test_whoever_left_before_the_place_moves_nobody_past_it(self, org):
        expected, page = ids(org.read()), next(contacts(org))
        org.expire_tokens(pages=True)
        org.tell(action="delete", index=2)
        assert ids(org.read("Email", cursor=page.cursor)) == expected[7:]

    def test_a_page_token_is_asked_with_everything_else_unchanged(self, org):
        org.asked.clear()
        list(contacts(org))
        asked = [url.partition("&page_token=")[0] for url in org.asked if "/Contacts?" in url]
        assert len(asked) == 5 and len(set(asked)) == 1

    def test_more_records_without_a_token_are_a_loop(self, org):
        org.spoil(lambda body: body | {"info": body["info"] | {"next_page_token": None}}, "/Contacts?")
        assert failure(lambda: list(contacts(org))).reason is Reason.PAGING_LOOP

    def test_an_order_that_the_vendor_does_not_keep_hides_nobody(self, org):
        expected, honest = ids(org.read()), org.send
        org.send = lambda method, url, *rest: honest(method, url.replace("sort_order=asc", "sort_order=desc"), *rest)
        assert sorted(ids(org.read())) == expected


class TestBentRecords:
    @pytest.mark.parametrize(
        "change",
        [
            lambda record: record.pop("id"),
            lambda record: record.update(id=None),
            lambda record: record.update(id=["x"]),
            lambda record: record.update(id="²"),
            lambda record: record.update(id="9" * 5_000),
            lambda record: record.update(id="-1"),
            lambda record: record.update(Modified_Time="yesterday"),
            lambda record: record.update(Modified_Time="2026-09-20T10:00:00"),
            lambda record: record.update(Modified_Time="0001-01-01T00:00:00+02:00"),
            lambda record: record.update(Modified_Time=5),
            lambda record: record.update(Tag=7),
            lambda record: record.update(Zainteresowania="Góry"),
            lambda record: record.update(Email_Opt_Out=[]),
        ],
    )
    @pytest.mark.parametrize("extra", [0, 60])
    def test_one_bent_record_is_unreadable_and_the_others_arrive(self, org, change, extra):
        org.tell(action="extra_fields", number=extra)
        columns = COLUMNS + [f"Pole_{n}" for n in range(extra)]
        org.bend(change)
        people = org.read(*columns, page_size=200)
        assert [person.unreadable for person in people] == [True] + [False] * 29
        assert all(list(person.values) == columns for person in people)

    @pytest.mark.parametrize(
        "change",
        [
            lambda record: record.pop("Email"),
            lambda record: record.update(Modified_Time=None),
            lambda record: record.update(Tag=[{}, None, 5, {"name": ["x"]}]),
            lambda record: record.update(Owner={"id": "1"}),
            lambda record: record.update(Lead_Source="Unknown to all"),
            lambda record: record.update(Zainteresowania=None),
        ],
    )
    def test_what_is_missing_or_new_spoils_at_most_its_value(self, org, change):
        org.bend(change)
        people = org.read(*COLUMNS, page_size=200)
        assert len(people) == 30 and not any(person.unreadable for person in people)

    @pytest.mark.parametrize(
        "body", [{}, {"data": {}}, {"data": [], "info": 1}, {"data": [], "info": {"more_records": 1}}]
    )
    def test_a_bent_envelope_is_a_bad_response(self, org, body):
        org.instead("/Contacts?", 200, body)
        assert failure(org.read).reason is Reason.BAD_RESPONSE

    def test_consent_and_time_come_without_being_asked_for(self, org):
        assert all(person.consent and person.updated_at for person in org.read())

    def test_the_time_of_change_is_utc_whatever_the_offset_of_who_signed_in(self, org):
        org.bend(lambda record: record.update(Modified_Time="2026-09-20T01:30:00+05:30"))
        moment = org.read(page_size=200)[0].updated_at
        assert (
            moment.utcoffset() == timedelta(0)
            and moment.tzinfo is UTC
            and moment.isoformat() == "2026-09-19T20:00:00+00:00"
        )
