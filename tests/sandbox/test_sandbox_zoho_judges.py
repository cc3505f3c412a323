"""The Zoho stand-in before judges who know nothing of us: here Zoho's own SDK."""

import csv
import io
import logging
import zipfile
from zoneinfo import ZoneInfo

import pytest
from werkzeug.test import Client
from zohocrmsdk.src.com.zoho.api.authenticator import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore
from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, Initializer, ParameterMap
from zohocrmsdk.src.com.zoho.crm.api.bulk_read import BodyWrapper, BulkReadOperations, Criteria, Query
from zohocrmsdk.src.com.zoho.crm.api.custom_views import CustomViewsOperations, GetCustomViewsParam
from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
from zohocrmsdk.src.com.zoho.crm.api.fields import FieldsOperations, GetFieldsParam, MinifiedField
from zohocrmsdk.src.com.zoho.crm.api.modules import MinifiedModule
from zohocrmsdk.src.com.zoho.crm.api.org import OrgOperations
from zohocrmsdk.src.com.zoho.crm.api.record import GetRecordsParam, RecordOperations
from zohocrmsdk.src.com.zoho.crm.api.util import Choice

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


def ordered(module: str, fields: list[str], criteria: Criteria | None = None) -> BodyWrapper:
    """A bulk read job as the SDK orders it."""
    body, query, wanted = BodyWrapper(), Query(), MinifiedModule()
    wanted.set_api_name(module)
    query.set_module(wanted)
    query.set_fields(fields)
    if criteria:
        query.set_criteria(criteria)
    body.set_query(query)
    return body


def behind(number: str) -> Criteria:
    criteria, field = Criteria(), MinifiedField()
    field.set_api_name("id")
    criteria.set_field(field)
    criteria.set_comparator(Choice("greater_than"))
    criteria.set_value(number)
    return criteria


@pytest.mark.parametrize("passed", [0, 100])
def test_it_reads_in_bulk(sdk, caller, passed):
    people, jobs = caller.truth(), BulkReadOperations()
    criteria = behind(people[passed - 1]["id"]) if passed else None
    answer = jobs.create_bulk_read_job(ordered("Contacts", ["Email", "Email_Opt_Out", "Modified_Time"], criteria))
    done = answer.get_object().get_data()[0]
    assert (answer.get_status_code(), done.get_code().get_value()) == (201, "ADDED_SUCCESSFULLY")
    job, states = int(done.get_details()["id"]), []
    while not states or states[-1] != "COMPLETED":
        found = jobs.get_bulk_read_job_details(job).get_object().get_data()[0]
        states.append(found.get_state().get_value())
    assert states == ["ADDED", "COMPLETED"] and found.get_query().get_module().get_api_name() == "Contacts"
    assert (found.get_result().get_count(), found.get_result().get_more_records()) == (120 - passed, False)
    with zipfile.ZipFile(io.BytesIO(jobs.download_result(job).get_object().get_file().get_stream().content)) as archive:
        assert archive.namelist() == [f"{job}.csv"]
        rows = list(csv.DictReader(io.StringIO(archive.read(archive.namelist()[0]).decode("utf-8"))))
    assert [(row["Id"], row["Email"] or None, row["Email_Opt_Out"], row["Modified_Time"]) for row in rows] == [
        (one["id"], one["email"] or None, str(one["consent"] == "opted_out").lower(), one["updated_at"])
        for one in people[passed:]
    ]


def test_it_understands_the_refusal_of_a_job(sdk):
    refusal = BulkReadOperations().create_bulk_read_job(ordered("Contacts", ["Nikt"])).get_object()
    assert refusal.get_code().get_value() == "FIELD_NOT_AVAILABLE"
