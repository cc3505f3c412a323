"""What is special about Salesforce's records: fields that come and go, batches of its own size, bent records, the bin, the day's budget."""

import pytest

from webapp.connectors.base import FieldKind, Group, Role
from webapp.connectors.reasons import Reason
from webapp.connectors.salesforce.columns import Described, Picked

from .reading import failure
from .salesforce_org import Org, trouble
from .standins import WHOLE, people_of

CONTACT_COLUMNS = ["Email", "Name", "LeadSource", "Zainteresowania__c", "Account.Name", "Punkty__c"]
SPECIAL = [
    ("INVALID_SESSION_ID", "This session is not valid for use with the REST API"),
    ("INVALID_SESSION_ID", "Connected app is not attached to Agent"),
]


@pytest.fixture
def org() -> Org:
    return Org()


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "code", "message", "reason"),
        [
            (401, "INVALID_SESSION_ID", "Session expired or invalid", Reason.UNAUTHORIZED),
            (401, "INVALID_AUTH_HEADER", "x", Reason.UNAUTHORIZED),
            (400, "MALFORMED_QUERY", "unexpected token", Reason.BAD_RESPONSE),
            (400, "INVALID_TYPE", "sObject type 'Contact' is not supported.", Reason.MISSING_SCOPE),
            (400, "INVALID_QUERY_LOCATOR", "invalid query locator", Reason.BAD_RESPONSE),
            (400, "QUERY_TIMEOUT", "Your query request was running for too long.", Reason.UNAVAILABLE),
            (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", Reason.QUOTA_USED_UP),
            (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", Reason.RATE_LIMITED),
            (403, "API_DISABLED_FOR_ORG", "API is not enabled", Reason.API_DISABLED),
            (403, "API_CURRENTLY_DISABLED", "x", Reason.API_DISABLED),
            (403, "INSUFFICIENT_ACCESS", "x", Reason.MISSING_SCOPE),
            (403, "SOMETHING_NEW", "x", Reason.MISSING_SCOPE),
            (404, "NOT_FOUND", "The requested resource does not exist", Reason.SOURCE_GONE),
            (414, "URI_TOO_LONG", "x", Reason.BAD_RESPONSE),
            (503, "SERVER_UNAVAILABLE", "x", Reason.UNAVAILABLE),
        ],
    )
    def test_each_refusal_has_its_reason_and_no_field_to_blame(self, org, status, code, message, reason):
        org.refuse(status, trouble(code, message))
        error = failure(org.read)
        assert (error.reason, error.setting) == (reason, None)

    @pytest.mark.parametrize(
        ("status", "reason"), [(406, Reason.UNAVAILABLE), (420, Reason.UNAVAILABLE), (429, Reason.RATE_LIMITED)]
    )
    def test_pages_for_people_from_the_edge_are_passing_trouble(self, org, status, reason):
        org.tell(fault="status", status=status)
        error = failure(org.read)
        assert (error.reason, error.permanent) == (reason, False)

    @pytest.mark.parametrize("body", [[], {}, [[]], [{"errorCode": 5}], "x", None])
    def test_a_refusal_that_says_nothing_is_judged_by_its_status(self, org, body):
        org.refuse(403, body)
        assert failure(org.read).reason is Reason.MISSING_SCOPE

    @pytest.mark.parametrize(("code", "message"), SPECIAL)
    def test_a_session_that_no_other_could_replace_is_not_renewed(self, org, code, message):
        org.vendors.calls.clear()
        org.refuse(401, trouble(code, message))
        assert failure(org.read).reason is Reason.UNAUTHORIZED
        assert org.requested("oauth2") == []

    def test_an_edition_without_programs_is_told_apart(self):
        assert failure(Org("bezapi").connect().check).reason is Reason.API_DISABLED

    def test_whoever_may_not_see_leads_is_offered_contacts(self):
        connector = Org("bezleadow").connect()
        assert connector.check().unavailable == {Group.LEADS: Reason.MISSING_SCOPE}
        assert failure(lambda: connector.sources(Group.LEADS)).reason is Reason.MISSING_SCOPE
        assert connector.sources(Group.CONTACTS)

    def test_whoever_may_not_see_addresses_is_refused(self, org):
        org.tell(action="hide_field", name="Email")
        assert failure(org.connect().check).reason is Reason.MISSING_SCOPE


class TestBudget:
    def test_a_fifth_of_the_days_requests_is_left_to_others(self, org):
        org.tell(action="use_requests", number=11_990)
        assert len(org.read()) == 30
        org.tell(action="use_requests", number=12_000)
        error = failure(org.read)
        assert (error.reason, error.permanent, error.wait) == (Reason.QUOTA_USED_UP, False, 3600)

    def test_reading_stops_in_the_middle_and_goes_on_the_next_day(self, org):
        everyone = [one.external_id for one in org.read()]
        reading = org.connect(7).people(Group.CONTACTS, "everyone", [], WHOLE, None)
        page = next(reading)
        org.tell(action="use_requests", number=13_000)
        read = [page, next(reading)]
        assert failure(lambda: list(reading)).reason is Reason.QUOTA_USED_UP
        org.tell(action="use_requests", number=0)
        rest = org.read(cursor=read[-1].cursor)
        assert [one.external_id for one in people_of(read) + rest] == everyone

    def test_an_answer_that_does_not_tell_the_use_is_fine(self, org):
        org.refuse(200, {"totalSize": 0, "done": True, "records": []})
        assert org.read() == []


class TestFields:
    def test_fields_have_their_kinds_roles_and_options(self, org):
        fields = {one.key: one for one in org.connect().fields(Group.CONTACTS, "everyone")}
        assert {one.role for one in fields.values() if one.role} == {
            Role.EMAIL,
            Role.FIRST_NAME,
            Role.LAST_NAME,
            Role.FULL_NAME,
        }
        assert fields["Birthdate"].kind is FieldKind.DATE and fields["Punkty__c"].kind is FieldKind.NUMBER
        assert fields["CreatedDate"].kind is FieldKind.DATETIME and fields["Phone"].kind is FieldKind.PHONE
        assert fields["Zainteresowania__c"].kind is FieldKind.LIST
        assert fields["LeadSource"].options == (("Web", "Web"), ("Targi", "Targi"), ("Polecenie", "Polecenie"))
        assert not {"MailingAddress", "AccountId", "OwnerId", "SystemModstamp", "IsDeleted"} & set(fields)

    def test_values_of_a_list_that_are_shown_alike_are_offered_once(self):
        values = [{"value": "a", "label": "Ala"}, {"value": "b", "label": "Ala"}, {"value": "c", "label": None}]
        described = Described("X", "picklist", "X", [Picked(**one) for one in values])
        assert described.field.options == (("Ala", "Ala"), ("c", "c"))

    def test_values_arrive_as_people_see_them(self, org):
        org.replace("Contact/describe", 200, relabelled(org))
        people = org.read("LeadSource", "Zainteresowania__c")
        assert {one.values["LeadSource"] for one in people} == {"Strona", "Targi", "Polecenie"}
        assert ["Szczyty", "Rowery"] in [one.values["Zainteresowania__c"] for one in people]

    def test_without_the_opt_out_field_consent_is_unknown(self):
        org = Org("bezopt")
        assert {one.consent for one in org.read()} == {None}
        assert {source.has_consent for source in org.connect().sources(Group.CONTACTS)} == {False}

    @pytest.mark.parametrize("name", ["Punkty__c", "HasOptedOutOfEmail"])
    @pytest.mark.parametrize("described", ["anew", "as before"])
    def test_a_field_that_is_hidden_while_people_are_read_is_left_out_and_nobody_lost(self, org, name, described):
        if described == "as before":
            org.replace("Contact/describe", 200, describe(org))
        reading = org.connect(7).people(Group.CONTACTS, "everyone", ["Email", "Punkty__c"], WHOLE, None)
        first = next(reading)
        org.tell(action="hide_field", name=name)
        people = people_of([first, *reading])
        assert [(one.external_id, one.values["Email"]) for one in people] == [
            (one["id"], one["email"]) for one in org.truth()
        ]
        later = people[7:]
        assert {one.values["Punkty__c"] for one in later} == {None} or name != "Punkty__c"
        assert {one.consent for one in later} == {None} or name == "Punkty__c"

    def test_a_company_that_this_person_may_not_see_is_left_out(self, org):
        message = "Didn't understand relationship 'Account' in field path."
        org.refuse(400, trouble("INVALID_FIELD", message), after=1, times=1)
        people = org.read("Email", "Account.Name")
        assert len(people) == 30 and {one.values["Account.Name"] for one in people} == {None}

    def test_a_refusal_that_names_no_field_costs_no_field_that_is_still_there(self, org):
        org.refuse(400, trouble("INVALID_FIELD"), after=1, times=1)
        people = org.read("Id", "Email")
        assert [(one.values["Id"], one.values["Email"]) for one in people] == [
            (one["id"], one["email"]) for one in org.truth()
        ]

    def test_a_field_that_is_refused_again_and_again_ends_the_reading(self, org):
        org.refuse(400, trouble("INVALID_FIELD", "No such column 'Email' on entity"), after=1)
        assert failure(lambda: org.read("Email")).reason is Reason.BAD_RESPONSE
        assert len(org.requested("/query")) < 5


def describe(org) -> bytes:
    """What describe answers now."""
    kept = []
    connector, honest = org.connect(), org.send

    def send(*asked):
        kept.append(honest(*asked))
        return kept[-1]

    org.send = send
    connector.fields(Group.CONTACTS, "everyone")
    org.send = honest
    return kept[-1].body


def relabelled(org) -> bytes:
    return (
        describe(org)
        .replace(b'"label":"Web"', b'"label":"Strona"')
        .replace('"label":"Góry"'.encode(), b'"label":"Szczyty"')
    )
