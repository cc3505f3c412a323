"""What every connector keeps, whatever the vendor: one suite for all, each against the stand-in of its vendor."""

import json
import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from webapp.connectors import CONNECTORS, get
from webapp.connectors.base import SUBSCRIBERS, Consent, Group, Window
from webapp.connectors.reasons import NEEDS_RECONNECTING, ConnectorError, Reason
from webapp.connectors.sentences import CODES, SENTENCES, code_for, sentence_for

from .standins import NOW, STAND_INS, Visit, email_column, pages, people_of

GROUPS = [(key, group) for key, stand_in in STAND_INS.items() for group in stand_in.connector.groups]
each_group = pytest.mark.parametrize(("key", "group"), GROUPS)


@pytest.fixture(params=CONNECTORS)
def vendor(request) -> str:
    return request.param


@pytest.fixture(params=STAND_INS)
def key(request) -> str:
    return request.param


def first_group(key: str) -> Group:
    return STAND_INS[key].connector.groups[0]


def failure(call: Callable[[], object]) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        call()
    return caught.value


class TestDeclaration:
    def test_every_connector_has_a_stand_in(self):
        assert {stand_in.name for stand_in in STAND_INS.values()} == set(CONNECTORS)

    def test_a_connector_is_registered_under_its_own_key(self, vendor):
        assert get(vendor).key == vendor

    def test_an_unknown_vendor_is_not_found(self):
        with pytest.raises(KeyError):
            get("nobody")

    def test_a_connector_declares_what_the_pages_show(self, vendor):
        connector = get(vendor)
        assert connector.label and connector.tagline and connector.groups
        assert len(connector.code) == 3 and connector.code.isupper()

    def test_codes_of_vendors_differ(self):
        assert len({connector.code for connector in CONNECTORS.values()}) == len(CONNECTORS)

    def test_ways_and_their_settings_have_distinct_names_and_labels(self, vendor):
        ways = get(vendor).ways
        assert ways and len({way.key for way in ways}) == len(ways)
        for way in ways:
            assert way.label and way.steps and len({setting.name for setting in way.settings}) == len(way.settings)
            assert all(setting.label for setting in way.settings)

    def test_a_way_asks_either_for_a_secret_that_is_not_shown_or_for_signing_in(self, vendor):
        ways = get(vendor).ways
        assert all(any(setting.secret for setting in way.settings) is not way.sign_in for way in ways)
        assert all(way.app_steps for way in ways if way.sign_in)

    @pytest.mark.parametrize("reason", Reason)
    def test_every_reason_has_a_sentence_that_names_the_vendor_and_says_what_to_do(self, vendor, reason):
        sentence = sentence_for(get(vendor), reason) % {"vendor": get(vendor).label}
        assert get(vendor).label in sentence and ". " in sentence and sentence.endswith(".")

    @pytest.mark.parametrize("reason", Reason)
    def test_every_reason_has_a_code_of_its_own(self, reason):
        assert reason in SENTENCES and list(CODES.values()).count(CODES[reason]) == 1

    def test_the_code_names_vendor_and_reason(self):
        assert code_for(get("shopify"), Reason.UNAUTHORIZED) == "SHP-401"


class TestSources:
    def test_the_account_has_an_id_and_a_name(self, key):
        account = Visit(key, people=3).connect().check()
        assert account.external_id and account.name and account.unavailable == {}

    def test_the_account_is_the_same_whenever_it_is_asked(self, key):
        visit = Visit(key, people=3)
        assert visit.connect().check().external_id == visit.connect().check().external_id

    @each_group
    def test_sources_have_distinct_ids(self, key, group):
        ids = [source.id for source in Visit(key, people=3).connect().sources(group)]
        assert ids and len(set(ids)) == len(ids)

    @each_group
    def test_columns_have_distinct_keys_and_each_role_once(self, key, group):
        connector = Visit(key, people=3).connect()
        for source in connector.sources(group):
            fields = connector.fields(group, source.id)
            roles = [field.role for field in fields if field.role]
            assert len({field.key for field in fields}) == len(fields) and len(set(roles)) == len(roles)
            assert "email" in roles

    @each_group
    def test_an_empty_account_is_fine(self, key, group):
        visit = Visit(key, people=0)
        connector = visit.connect()
        assert connector.check().external_id
        for source in connector.sources(group):
            read = pages(connector, group, source.id)
            assert people_of(read) == [] and read[-1].cursor is None

    @each_group
    def test_each_source_delivers_as_many_as_it_counts(self, key, group):
        connector = Visit(key).connect()
        for source in connector.sources(group):
            people = people_of(pages(connector, group, source.id))
            assert len({person.external_id for person in people}) == len(people)
            assert source.total == connector.count(group, source.id)
            if source.total is not None:
                agreed = [person for person in people if person.consent is Consent.GRANTED]
                assert len(agreed if source.id == SUBSCRIBERS else people) == source.total

    @each_group
    def test_a_source_that_is_gone_is_said_to_be_gone(self, key, group):
        connector = Visit(key, people=3).connect()
        kinds = {source.id.split(":")[0] for source in connector.sources(group) if ":" in source.id}
        for kind in kinds - {"tag"}:  # a tag that nobody has is nobody, as the vendor says
            error = failure(lambda kind=kind: pages(connector, group, f"{kind}:999000000000000999"))
            assert error.reason is Reason.SOURCE_GONE, kind
        assert failure(lambda: pages(connector, group, "nonsense")).reason is Reason.SOURCE_GONE


class TestPeople:
    @each_group
    def test_everyone_arrives_as_the_vendor_knows_them(self, key, group):
        visit = Visit(key)
        connector = visit.connect()
        if group != first_group(key):
            pytest.skip("the truth is told of the first group")
        email = email_column(connector.fields(group, "everyone"))
        people = people_of(pages(connector, group, "everyone", [email]))
        consents = visit.stand_in.consents
        known = {one["id"]: (one["email"] or "", consents.get(one["consent"], Consent.NONE)) for one in visit.truth()}
        assert {one.external_id: (one.values[email] or "", one.consent) for one in people} == known

    @each_group
    def test_people_hold_exactly_the_columns_that_were_asked_for(self, key, group):
        connector = Visit(key, people=20).connect()
        for source in connector.sources(group):
            columns = [field.key for field in connector.fields(group, source.id)] + ["vanished"]
            for person in people_of(pages(connector, group, source.id, columns)):
                assert list(person.values) == columns and person.values["vanished"] is None

    @each_group
    def test_no_honest_record_is_unreadable(self, key, group):
        connector = Visit(key).connect()
        for source in connector.sources(group):
            columns = [field.key for field in connector.fields(group, source.id)]
            assert not any(person.unreadable for person in people_of(pages(connector, group, source.id, columns)))

    @each_group
    def test_every_column_holds_something_for_somebody(self, key, group):
        connector = Visit(key).connect()
        source = source_of(connector, group)
        columns = [field.key for field in connector.fields(group, source)]
        empty = set(columns)
        for person in people_of(pages(connector, group, source, columns)):
            empty -= {column for column, value in person.values.items() if value not in (None, "", [])}
        assert len(empty) <= len(columns) / 3, empty

    @pytest.mark.parametrize("people", [1, 2, 3, 4, 6, 7])
    @each_group
    def test_paging_visits_everyone_once(self, key, group, people):
        visit = Visit(key, people=people)
        source = source_of(visit.connect(), group)
        read = pages(visit.connect(page_size=3), group, source)
        whole = people_of(pages(visit.connect(), group, source))
        assert [one.external_id for one in people_of(read)] == [one.external_id for one in whole]
        assert read[-1].cursor is None and all(page.cursor for page in read[:-1])

    @each_group
    def test_going_on_from_any_cursor_gives_exactly_the_rest_even_when_all_tokens_have_ended(self, key, group):
        visit = Visit(key, people=30)
        for source in visit.connect().sources(group):
            read = pages(visit.connect(page_size=7), group, source.id)
            ids = [person.external_id for person in people_of(read)]
            delivered = 0
            for page in read[:-1]:
                delivered += len(page.people)
                visit.expire_tokens(pages=True)
                cursor = json.loads(json.dumps(page.cursor))
                rest = people_of(pages(visit.connect(page_size=7), group, source.id, cursor=cursor))
                assert [person.external_id for person in rest] == ids[delivered:], (source.id, cursor)


def source_of(connector, group) -> str:
    """The widest source of a group."""
    ids = [source.id for source in connector.sources(group)]
    return "everyone" if "everyone" in ids else ids[0]


class TestChanges:
    @each_group
    def test_changes_are_those_of_the_window_and_none_is_missed(self, key, group):
        connector = Visit(key).connect()
        source = source_of(connector, group)
        if not connector.incremental(group, source):
            pytest.skip("the vendor cannot tell")
        window = Window(NOW - timedelta(days=90), NOW)
        everyone = people_of(pages(connector, group, source))
        changed = {one.external_id for one in people_of(pages(connector, group, source, window=window))}
        must = {one.external_id for one in everyone if window.since <= one.updated_at <= window.until}
        near = {one.external_id for one in everyone if window.since - timedelta(days=2) <= one.updated_at}
        assert must and must <= changed <= near

    def test_somebody_who_changes_comes_with_the_next_changes_and_nobody_else(self, key):
        visit, group = Visit(key), first_group(key)
        someone = visit.truth()[5]
        visit.tell(action="mutate", index=5, changes={"first_name": "Zmieniona"})
        window = Window(datetime.now(UTC) - timedelta(minutes=5), datetime.now(UTC) + timedelta(minutes=5))
        changed = people_of(pages(visit.connect(), group, "everyone", window=window))
        assert [one.external_id for one in changed] == [someone["id"]]

    def test_somebody_who_withdraws_is_told_with_the_next_changes(self, key):
        visit, group = Visit(key), first_group(key)
        consents = visit.stand_in.consents
        index, someone = next(
            (place, one) for place, one in enumerate(visit.truth()) if consents.get(one["consent"]) is Consent.GRANTED
        )
        visit.tell(action="mutate", index=index, changes={"consent": "unsubscribed"})
        window = Window(datetime.now(UTC) - timedelta(minutes=5), datetime.now(UTC) + timedelta(minutes=5))
        changed = {
            one.external_id: one.consent for one in people_of(pages(visit.connect(), group, "everyone", window=window))
        }
        assert changed[someone["id"]] in (Consent.WITHDRAWN, Consent.NONE)

    def test_somebody_who_is_deleted_is_told_where_the_vendor_tells_it(self, key):
        visit, group = Visit(key), first_group(key)
        someone = visit.truth()[5]
        visit.tell(action="delete", index=5)
        window = Window(datetime.now(UTC) - timedelta(minutes=5), datetime.now(UTC) + timedelta(minutes=5))
        connector = visit.connect()
        column = email_column(connector.fields(group, "everyone"))
        told = people_of(pages(connector, group, "everyone", [column], window))
        found = [(one.external_id, one.deleted, dict(one.values)) for one in told]
        assert found == ([(someone["id"], True, {column: None})] if visit.stand_in.deletions else [])
        assert someone["id"] not in {one.external_id for one in people_of(pages(connector, group, "everyone"))}


class TestAgain:
    @each_group
    def test_people_can_be_read_again_by_their_ids(self, key, group):
        visit = Visit(key)
        source = source_of(visit.connect(), group)
        whole = people_of(pages(visit.connect(), group, source))
        wanted = [whole[place].external_id for place in (1, 5, len(whole) - 1)]
        found = list(visit.connect().again(group, source, ["vanished"], wanted))
        assert {one.external_id for one in found} == set(wanted)
        assert all(dict(one.values) == {"vanished": None} for one in found)

    @each_group
    def test_whoever_is_gone_or_never_was_is_nobody(self, key, group):
        visit = Visit(key, people=30)
        source = source_of(visit.connect(), group)
        someone = people_of(pages(visit.connect(), group, source))[0].external_id
        nobody = someone[:-4] + "9" + someone[-3:] if STAND_INS[key].name == "salesforce" else someone[:-2] + "99"
        assert list(visit.connect().again(group, source, [], [nobody])) == []


class TestTrouble:
    def test_tokens_that_end_in_the_middle_are_renewed_and_nobody_is_lost(self, key):
        visit, group = Visit(key, people=30), first_group(key)
        expected = [one.external_id for one in people_of(pages(visit.connect(), group, "everyone"))]
        found = []
        for page in visit.connect(page_size=7).people(group, "everyone", [], Window(None, NOW), None):
            found += [one.external_id for one in page.people]
            visit.expire_tokens()
        assert found == expected

    def test_a_key_that_is_refused_for_good_is_permanent_and_asks_for_reconnecting(self, key):
        visit = Visit(key, people=3)
        visit.tell(fault="expired_token")
        error = failure(visit.connect().check)
        assert error.permanent and error.reason in NEEDS_RECONNECTING

    @pytest.mark.parametrize(
        ("status", "retry_after"), [(429, "0.5"), (429, None), (503, "zaraz"), (502, None), (504, None)]
    )
    def test_passing_trouble_is_waited_out(self, key, status, retry_after):
        visit = Visit(key, people=3)
        visit.tell(fault="status", status=status, times=2, **({"retry_after": retry_after} if retry_after else {}))
        assert visit.connect().check().external_id and visit.waits

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_lasting_trouble_is_transient(self, key, status):
        visit = Visit(key, people=3)
        visit.tell(fault="status", status=status)
        assert not failure(visit.connect().check).permanent

    @pytest.mark.parametrize(
        "fault",
        ["empty", "null", "array", "html", "text_plain", "truncated", "bom", "nan", "deep"],
    )
    def test_an_answer_that_is_not_what_was_promised_is_a_bad_response_on_any_page(self, key, fault):
        visit, group = Visit(key, people=30), first_group(key)
        reading = visit.connect(page_size=7).people(group, "everyone", [], Window(None, NOW), None)
        next(reading)
        visit.tell(fault=fault)
        assert failure(lambda: list(reading)).reason in (Reason.BAD_RESPONSE, Reason.UNAVAILABLE)
        assert failure(visit.connect().check).reason is Reason.BAD_RESPONSE

    @pytest.mark.parametrize("fault", ["endless", "cursor_loop", "cursor_stuck"])
    def test_a_vendor_that_pages_for_ever_is_left(self, key, fault):
        visit, group = Visit(key, people=30), first_group(key)
        if not visit.stand_in.in_pages:
            pytest.skip("a file has an end")
        visit.tell(fault=fault)
        found = []
        error = failure(
            lambda: found.extend(visit.connect(page_size=7).people(group, "everyone", [], Window(None, NOW), None))
        )
        assert error.reason is Reason.PAGING_LOOP and len(found) < 40

    @pytest.mark.parametrize("fault", ["duplicate_pages", "empty_pages"])
    def test_pages_that_come_twice_or_empty_lose_nobody(self, key, fault):
        visit, group = Visit(key, people=30), first_group(key)
        expected = {one.external_id for one in people_of(pages(visit.connect(), group, "everyone"))}
        visit.tell(fault=fault)
        assert {one.external_id for one in people_of(pages(visit.connect(page_size=7), group, "everyone"))} == expected

    @pytest.mark.parametrize("fault", ["expired_token", "html", "status", "truncated"])
    def test_no_failure_and_no_log_shows_a_secret(self, key, fault, caplog):
        caplog.set_level(logging.DEBUG)
        visit = Visit(key, people=3)
        visit.tell(fault=fault, status=500)
        error = failure(visit.connect().check)
        said = "".join(traceback.format_exception(error)) + caplog.text
        secrets = {
            name
            for way in STAND_INS[key].connector.ways
            for setting in way.settings
            if setting.secret
            for name in [setting.name]
        }
        secrets |= {"access_token", "refresh_token"}
        assert not any(value in said for name, value in visit.credentials.items() if name in secrets and value)

    def test_ten_thousand_people_need_no_more_requests_than_there_are_full_pages_and_a_few(self, key):
        visit, group = Visit(key, people=2000), first_group(key)
        connector = visit.connect(page_size=2000)
        connector.check()
        visit.vendors.calls.clear()
        read = pages(connector, group, "everyone", [email_column(connector.fields(group, "everyone"))])
        largest = max(len(page.people) for page in read)
        assert len(visit.vendors.calls) <= 2 * (2000 / largest) + 4 + visit.stand_in.preparing
