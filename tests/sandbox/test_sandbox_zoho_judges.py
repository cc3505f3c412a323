"""The Zoho stand-in before judges who know nothing of us: here Zoho's own SDK."""

import logging
from zoneinfo import ZoneInfo

import pytest
from werkzeug.test import Client
from zohocrmsdk.src.com.zoho.api.authenticator import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore
from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, Initializer, ParameterMap
from zohocrmsdk.src.com.zoho.crm.api.custom_views import CustomViewsOperations, GetCustomViewsParam
from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
from zohocrmsdk.src.com.zoho.crm.api.fields import FieldsOperations, GetFieldsParam
from zohocrmsdk.src.com.zoho.crm.api.org import OrgOperations
from zohocrmsdk.src.com.zoho.crm.api.record import GetRecordsParam, RecordOperations

from .zoho_caller import APP, Caller

FIELDS = "Email,Last_Name,Email_Opt_Out,Modified_Time,Lead_Source,Zainteresowania,Owner,Punkty"


@pytest.fixture
def caller(app) -> Caller:
    return Caller(client=Client(app)).sign_in()


@pytest.fixture
def sdk(caller, server, tmp_path) -> FileStore:
    """Zoho's SDK, which holds nothing but a refresh token, and believes the stand-in to be a data centre."""
    environment = DataCenter.Environment(
        f"{server}/zoho/bukowina", f"{server}/zoho/accounts-eu/oauth/v2/token", f"{server}/zoho/bukowina"
    )
    token = OAuthToken(**APP, refresh_token=caller.refresh)
    store = FileStore(str(tmp_path / "tokens.txt"))
    logger = logging.getLogger("SDKLogger")
    Initializer.initialize(environment, token, store, resource_path=str(tmp_path))
    yield store
    logger.handlers.clear()


def asked(**parameters) -> ParameterMap:
    found = ParameterMap()
    for parameter, value in parameters.values():
        found.add(parameter, value)
    return found


def changed(record) -> str:
    """When a record changed, in the zone of who signed in: the SDK moves it to that of the machine."""
    return record.get_key_value("Modified_Time").astimezone(ZoneInfo("Europe/Warsaw")).isoformat()


def test_it_renews_its_token_and_learns_who_signed_in(sdk):
    OrgOperations().get_organization()
    kept = sdk.get_tokens()
    assert [one.get_user_signature().get_name() for one in kept] == ["jan@example.com:20090000000"]
    assert kept[0].get_access_token().startswith("1000.")


def test_it_sees_the_organisation(sdk):
    found = OrgOperations().get_organization().get_object().get_org()
    assert [one.get_company_name() for one in found] == ["Bukowina – górskie specjały"]


def test_it_reads_everyone_by_page_tokens(sdk, caller):
    people, token = [], None
    while True:
        parameters = asked(fields=(GetRecordsParam.fields, FIELDS), size=(GetRecordsParam.per_page, 50))
        if token:
            parameters.add(GetRecordsParam.page_token, token)
        answer = RecordOperations("Contacts").get_records(parameters, HeaderMap()).get_object()
        people += answer.get_data()
        token = answer.get_info().get_next_page_token()
        if not answer.get_info().get_more_records():
            break
    found = [
        (str(one.get_id()), one.get_key_value("Email"), one.get_key_value("Email_Opt_Out"), changed(one))
        for one in people
    ]
    assert sorted(found) == [
        (one["id"], one["email"], one["consent"] == "opted_out", one["updated_at"]) for one in caller.truth()
    ]


def test_it_sees_fields_and_views(sdk):
    fields = FieldsOperations().get_fields(asked(module=(GetFieldsParam.module, "Leads"))).get_object().get_fields()
    views = CustomViewsOperations().get_custom_views(asked(module=(GetCustomViewsParam.module, "Leads"))).get_object()
    assert {"Email", "Company"} <= {one.get_api_name() for one in fields}
    assert [one.get_name() for one in views.get_custom_views()] == ["All Leads", "Gorące leady"]
