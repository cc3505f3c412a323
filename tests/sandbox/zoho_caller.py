"""One organisation of Zoho's stand-in as its callers see it: signed in as a person, then asked with a token."""

import base64
import hashlib
from urllib.parse import parse_qsl, urlsplit

from werkzeug.test import Client, TestResponse

from sandbox import Options, create_app

LOOPBACK = {"REMOTE_ADDR": "127.0.0.1"}
RETURN = "https://lista.example/integracje/zoho/powrot"
APP = {"client_id": "1000.DEMO-DOPLYW", "client_secret": "demo-secret-zoho"}
NAMES = (
    "modules.contacts",
    "modules.leads",
    "settings.fields",
    "settings.custom_views",
    "settings.modules",
    "org",
    "bulk",
)
ASKED = {
    "response_type": "code",
    "client_id": APP["client_id"],
    "scope": ",".join(f"ZohoCRM.{name}.READ" for name in (*NAMES, "users")),
    "redirect_uri": RETURN,
    "access_type": "offline",
    "prompt": "consent",
    "state": "the-state",
}
VERIFIER = "a-verifier-" * 5
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Caller:
    """Signs in to `org` at the accounts server of `dc`."""

    def __init__(self, org: str = "bukowina", dc: str = "eu", people: int = 120, client: Client | None = None):
        self.client = client or Client(create_app(Options(people=people)))
        self.org, self.dc, self.token = org, dc, ""

    def sign_in(self, **asked: str | None) -> "Caller":
        grant = self.granted(**asked)
        self.token, self.refresh = grant["access_token"], grant.get("refresh_token")
        return self

    def granted(self, **asked: str | None) -> dict:
        return self.redeem(self.agree(**asked)["code"]).json

    def page(self, **asked: str | None) -> TestResponse:
        return self.client.get(f"/zoho/accounts-{self.dc}/oauth/v2/auth", query_string=_asked(asked))

    def agree(self, decision: str = "allow", **asked: str | None) -> dict[str, str]:
        """What the browser is sent back with."""
        answer = self.client.post(
            f"/zoho/accounts-{self.dc}/oauth/v2/auth",
            query_string=_asked(asked),
            data={"org": self.org, "decision": decision},
        )
        assert answer.status_code == 302, answer.text
        return dict(parse_qsl(urlsplit(answer.location).query))

    def redeem(self, code: str, **asked: str) -> TestResponse:
        return self.ask_token(grant_type="authorization_code", code=code, **{"redirect_uri": RETURN, **asked})

    def renew(self) -> TestResponse:
        return self.ask_token(grant_type="refresh_token", refresh_token=self.refresh)

    def ask_token(self, **asked: str) -> TestResponse:
        return self.client.post(f"/zoho/accounts-{self.dc}/oauth/v2/token", data={**APP, **asked})

    def get(self, path: str, since: str | None = None, **query: str | int) -> TestResponse:
        headers = {"Authorization": f"Zoho-oauthtoken {self.token}"}
        if since:
            headers["If-Modified-Since"] = since
        return self.client.get(f"/zoho/{self.org}/crm/v8/{path}", query_string=query, headers=headers)

    def bulk(self, path: str = "read", query: dict | None = None, **options) -> TestResponse:
        """A question to the bulk API or, with a query, the order of a job."""
        headers = {"Authorization": f"Zoho-oauthtoken {self.token}"}
        url = f"/zoho/{self.org}/crm/bulk/v8/{path}"
        if query is None:
            return self.client.get(url, headers=headers)
        return self.client.post(url, headers=headers, **{"json": {"query": query}, **options})

    def job(self, **query) -> str:
        """The id of a new job over contacts, or as the query says."""
        answer = self.bulk(query=query if "page_token" in query else {"module": {"api_name": "Contacts"}, **query})
        assert answer.status_code == 201, answer.json
        return answer.json["data"][0]["details"]["id"]

    def ids(self, module: str = "Contacts", since: str | None = None, **query: str | int) -> list[str]:
        """The ids of all pages."""
        ids, token = [], {}
        while True:
            answer = self.get(module, since, **{"fields": "Email", **query, **token})
            if answer.status_code != 200:
                return ids
            ids += [one["id"] for one in answer.json["data"]]
            if not answer.json["info"]["more_records"]:
                return ids
            token = {"page_token": answer.json["info"]["next_page_token"]}

    def tell(self, **wishes) -> dict:
        body = {"vendor": "zoho", "shop": self.org, **wishes}
        answer = self.client.post("/control", json=body, environ_base=LOOPBACK)
        assert answer.status_code == 200, answer.json
        return answer.json

    def truth(self, of: str = "people") -> list[dict]:
        query = {"vendor": "zoho", "shop": self.org, "of": of}
        return self.client.get("/control/truth", query_string=query, environ_base=LOOPBACK).json


def _asked(changes: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in {**ASKED, **changes}.items() if value is not None}
