"""What is special about Magento: one 401 for five causes, lost answers of signed requests, and records that modules have bent."""

import pytest

from webapp.connectors.base import FieldKind, Group
from webapp.connectors.http import Response
from webapp.connectors.magento.errors import message_of
from webapp.connectors.magento.settings import clean_address, clean_store_view
from webapp.connectors.reasons import ConnectorError, Reason

from .reading import failure
from .standins import HOME, Visit, pages, people_of

OAUTH = ("consumer_key", "consumer_secret", "access_token_secret")


@pytest.fixture
def visit() -> Visit:
    return Visit("magento", people=30)


def read(visit, *columns, source="everyone"):
    return people_of(pages(visit.connect(page_size=7), Group.CONTACTS, source, columns))


def shop(name: str, *, bearer: bool = False) -> Visit:
    visit = Visit("magento", people=30)
    visit.credentials = {key: value.replace("bukowina", name) for key, value in visit.credentials.items()}
    if bearer:
        visit.credentials = {key: value for key, value in visit.credentials.items() if key not in OAUTH}
    return visit


def first(change):
    """Spoil the first customer of each page."""

    def changed(body):
        if body.get("items"):
            change(body["items"][0])
        return body

    return changed


class TestAddress:
    @pytest.mark.parametrize(
        ("typed", "address"),
        [
            ("sklep.example", "https://sklep.example"),
            (" https://Sklep.Example/ ", "https://sklep.example"),
            ("https://sklep.example/pl", "https://sklep.example/pl"),
            ("https://sklep.example/rest/V1/customers", "https://sklep.example"),
            ("https://sklep.example/sub/index.php/admin_1x/dashboard", "https://sklep.example/sub"),
            ("https://sklep.example/admin_x7/?key=1#a", "https://sklep.example"),
            ("http://sklep.example:8080", "http://sklep.example:8080"),
            ("https://żółw.example", "https://xn--w-uga1v8h.example"),
        ],
    )
    def test_what_people_copy_is_understood(self, typed, address):
        assert clean_address(typed) == address

    @pytest.mark.parametrize(
        "typed",
        [
            "",
            "ftp://sklep.example",
            "https://a:b@sklep.example",
            "https://",
            "a b",
            "https://x:99999",
            "javascript:alert(1)",
            "https://" + "a" * 600,
        ],
    )
    def test_anything_else_is_refused_before_it_is_dialled(self, typed):
        with pytest.raises(ConnectorError) as caught:
            clean_address(typed)
        assert (caught.value.reason, caught.value.setting) == (Reason.BAD_ADDRESS, "address")

    @pytest.mark.parametrize("typed", ["all", "../x", "a-b", "1a"])
    def test_a_store_view_that_cannot_be_is_refused(self, typed):
        with pytest.raises(ConnectorError) as caught:
            clean_store_view(typed)
        assert caught.value.setting == "store_view"


class TestRefusals:
    @pytest.mark.parametrize(
        ("setting", "reason"),
        [
            ("consumer_key", Reason.UNAUTHORIZED),
            ("consumer_secret", Reason.UNAUTHORIZED),
            ("access_token", Reason.UNAUTHORIZED),
        ],
    )
    def test_each_wrong_key_is_blamed(self, visit, setting, reason):
        visit.credentials[setting] = "wrong"
        error = failure(visit.connect().check)
        assert (error.reason, error.setting, error.permanent) == (reason, setting, True)

    @pytest.mark.parametrize(
        ("name", "bearer", "reason", "setting"),
        [
            ("bezzgody", False, Reason.MISSING_SCOPE, None),
            ("bezzgody", True, Reason.UNAUTHORIZED, "access_token"),
            ("bezbearera", True, Reason.UNAUTHORIZED, "access_token"),
            ("nieznany", False, Reason.UNKNOWN_ACCOUNT, "address"),
            ("konserwacja", False, Reason.UNAVAILABLE, None),
        ],
    )
    def test_each_refusing_shop_is_refused_for_its_reason(self, name, bearer, reason, setting):
        error = failure(shop(name, bearer=bearer).connect().check)
        assert (error.reason, error.setting) == (reason, setting)

    def test_a_bearer_token_opens_a_shop_that_allows_it(self):
        assert shop("bukowina", bearer=True).connect().check().name

    def test_a_store_view_that_the_shop_does_not_have_is_blamed(self, visit):
        visit.credentials["store_view"] = "nikt"
        error = failure(visit.connect().check)
        assert (error.reason, error.setting) == (Reason.UNKNOWN_ACCOUNT, "store_view")

    def test_keys_that_were_revoked_are_no_group_that_is_gone(self, visit):
        visit.tell(fault="expired_token")
        assert failure(lambda: read(visit, source="group:1")).reason is Reason.UNAUTHORIZED

    def test_what_the_integration_may_not_see_is_not_offered(self):
        visit = shop("bezgrup")
        assert [source.id for source in visit.connect().sources(Group.CONTACTS)] == ["everyone", "subscribers"]
        assert visit.connect().check().name == "127.0.0.1:8010/magento/bezgrup"

    def test_a_shop_without_rewritten_addresses_is_found_behind_its_index_and_remembered(self):
        visit = shop("bezprzepisywania")
        assert visit.connect().check().external_id and visit.credentials["entry"] == "/index.php"
        visit.vendors.calls.clear()
        visit.connect().check()
        assert all("/index.php/rest/" in path for path in visit.vendors.calls)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"message":"The \\"%1\\" name is wrong","parameters":["id"]}', 'The "id" name is wrong'),
        (b'{"message":"to access %resources.","parameters":{"resources":"Customers"}}', "to access Customers."),
        (b'{"message":"%1 %2 %x","parameters":["a"]}', "a %2 %x"),
        (b"<html>", ""),
        (b'{"message":["x"],"parameters":3}', "['x']"),
    ],
)
def test_placeholders_are_filled_in_from_a_list_or_an_object(body, message):
    assert message_of(Response(400, {}, body)) == message


class TestReading:
    def test_an_answer_that_was_lost_is_asked_for_with_a_new_signature(self, visit):
        honest, lost = visit.vendors.send, []

        def send(*asked):
            answer = honest(*asked)
            if not lost:
                lost.append(answer)
                raise ConnectorError(Reason.CANNOT_CONNECT)
            return answer

        visit.send = send
        assert len(read(visit)) == 30

    def test_a_shop_with_input_limits_gives_smaller_pages(self, visit):
        visit.tell(action="input_limits", maximum=5)
        assert [len(page.people) for page in pages(visit.connect(), Group.CONTACTS, "everyone")] == [5] * 6

    def test_an_older_shop_says_of_nobody_whether_they_are_subscribed(self):
        assert {person.consent for person in read(shop("starszy"))} == {None}

    def test_options_arrive_as_their_labels(self, visit):
        people = read(visit, "gender", "rozmiar", "zainteresowania", "przewodnik")
        assert {person.values["gender"] for person in people} == {"Kobieta", "Mężczyzna"}
        assert {person.values["rozmiar"] for person in people} <= {"XS", "S", "M", "L", "XL", None}
        assert any(person.values["zainteresowania"] == ["Góry", "Rowery"] for person in people)
        assert {person.values["przewodnik"] for person in people} == {True, False}

    def test_an_address_is_the_billing_one_with_its_street_in_one_line(self, visit):
        people = read(visit, "address.street", "address.region", "address.country_id")
        assert any(", m. " in (person.values["address.street"] or "") for person in people)
        assert {person.values["address.country_id"] for person in people} == {"PL", None}
        assert "Małopolskie" in {person.values["address.region"] for person in people}

    def test_fields_have_their_kinds(self, visit):
        kinds = {field.key: field.kind for field in visit.connect().fields(Group.CONTACTS, "everyone")}
        assert kinds["dob"] is FieldKind.DATE and kinds["punkty"] is FieldKind.NUMBER
        assert kinds["gender"] is FieldKind.CHOICE and kinds["zainteresowania"] is FieldKind.LIST
        assert kinds["address.telephone"] is FieldKind.PHONE and kinds["address.country_id"] is FieldKind.COUNTRY
        assert not {"password_hash", "rp_token"} & set(kinds)

    def test_nothing_is_asked_for_that_nobody_wants(self, visit):
        asked = []
        honest = visit.vendors.send
        visit.send = lambda method, url, *rest: (asked.append(url), honest(method, url, *rest))[1]
        read(visit, "email")
        assert "addresses" not in asked[-1] and "firstname" not in asked[-1]

    def test_empty_lists_that_the_filter_of_fields_turns_into_null_are_nobody(self, visit):
        visit.spoil(
            lambda body: (
                body | {"items": body.get("items") or None, "total_count": 0} if isinstance(body, dict) else body
            )
        )
        visit.tell(action="resize", people=0)
        assert read(visit) == []

    @pytest.mark.parametrize(
        "change",
        [
            lambda item: item.update(custom_attributes={"rozmiar": "1"}),
            lambda item: item.update(addresses="x"),
            lambda item: item.update(updated_at="yesterday"),
            lambda item: item.pop("id"),
            lambda item: item.update(extension_attributes=[1]),
        ],
    )
    def test_one_bent_record_is_unreadable_and_the_others_arrive(self, visit, change):
        visit.spoil(first(change), "customers/search")
        people = people_of(pages(visit.connect(), Group.CONTACTS, "everyone", ["email", "rozmiar", "address.city"]))
        assert [person.unreadable for person in people] == [True] + [False] * 29

    @pytest.mark.parametrize(
        "change",
        [
            lambda item: item.update(custom_attributes=[{"attribute_code": "rozmiar", "value": [{"a": 1}]}]),
            lambda item: item.update(addresses=None),
            lambda item: item.update(updated_at="0000-00-00 00:00:00"),
            lambda item: item.update(id=str(item["id"])),
            lambda item: item.update(extension_attributes=[]),
        ],
    )
    def test_what_modules_do_to_a_value_spoils_at_most_that_value(self, visit, change):
        visit.spoil(first(change), "customers/search")
        people = people_of(pages(visit.connect(), Group.CONTACTS, "everyone", ["email", "rozmiar", "address.city"]))
        assert len(people) == 30 and not any(person.unreadable for person in people)
        assert people[0].values["email"]


def test_the_account_is_the_shop_with_its_folder(visit):
    assert visit.connect().check().external_id == HOME.removeprefix("http://") + "/magento/bukowina"
