"""Tokens: the three grants, pasted tokens, and every way of being refused."""

import json
from importlib.resources import files
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.shopify.oauth import sign

INVALID = {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}


def code_of(shop):
    query = {"client_id": f"demo-client-{shop.shop}", "redirect_uri": "http://127.0.0.1/back", "state": "abc"}
    answer = shop.client.get(f"/shopify/{shop.shop}/admin/oauth/authorize", query_string=query)
    return {key: values[0] for key, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def works(shop, token):
    shop.token = token
    return shop.graphql("{ shop { name } }").status_code == 200


def offline_token(shop):
    return shop.mint(code=code_of(shop)["code"], expiring="1").json


def test_the_client_credentials_grant_gives_a_token_for_a_day(bukowina):
    answer = bukowina.mint(grant_type="client_credentials").json
    assert answer["scope"] == "read_customers,read_orders"
    assert answer["expires_in"] == 86399
    assert works(bukowina, answer["access_token"])


def test_the_token_endpoint_takes_json_too(bukowina):
    body = {
        "grant_type": "client_credentials",
        "client_id": "demo-client-bukowina",
        "client_secret": "demo-secret-bukowina",
    }
    answer = bukowina.client.post("/shopify/bukowina/admin/oauth/access_token", json=body)
    assert works(bukowina, answer.json["access_token"])


@pytest.mark.parametrize("wrong", [{"client_secret": "x"}, {"client_id": "x"}])
def test_wrong_client_credentials_are_refused(bukowina, wrong):
    answer = bukowina.mint(grant_type="client_credentials", **wrong)
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


def test_credentials_of_another_organisation_are_refused_with_a_page(caller):
    tatry = caller("tatry")
    answer = tatry.mint(
        grant_type="client_credentials", client_id="demo-client-bukowina", client_secret="demo-secret-bukowina"
    )
    assert answer.status_code == 400
    assert answer.mimetype == "text/html"
    assert "Oauth error shop_not_permitted: Client credentials cannot be performed on this shop." in answer.text


def test_an_unknown_grant_is_refused(bukowina):
    assert bukowina.mint(grant_type="password").json["error"] == "invalid_request"


def test_the_authorisation_answer_is_signed(bukowina):
    answer = code_of(bukowina)
    signature = answer.pop("hmac")
    assert signature == sign(answer, "demo-secret-bukowina")
    assert (answer["shop"], answer["state"]) == ("bukowina.myshopify.com", "abc")


def test_a_code_gives_a_lasting_token_and_only_once(bukowina):
    code = code_of(bukowina)["code"]
    answer = bukowina.mint(code=code).json
    assert "expires_in" not in answer
    assert works(bukowina, answer["access_token"])
    again = bukowina.mint(code=code)
    assert again.status_code == 400
    assert again.json["error_description"] == "The authorization code was not found or was already used"


def test_an_expiring_token_comes_with_a_refresh_token(bukowina):
    answer = offline_token(bukowina)
    assert answer["expires_in"] == 3600
    assert answer["refresh_token_expires_in"] > 0


def test_a_refresh_token_is_replaced_on_every_use(bukowina):
    first = offline_token(bukowina)["refresh_token"]
    answer = bukowina.mint(grant_type="refresh_token", refresh_token=first).json
    assert answer["refresh_token"] != first
    assert works(bukowina, answer["access_token"])


def test_a_replaced_refresh_token_dies_when_its_replacement_is_used(bukowina):
    first = offline_token(bukowina)["refresh_token"]
    second = bukowina.mint(grant_type="refresh_token", refresh_token=first).json["refresh_token"]
    assert bukowina.mint(grant_type="refresh_token", refresh_token=first).status_code == 200
    assert bukowina.mint(grant_type="refresh_token", refresh_token=second).status_code == 200
    refused = bukowina.mint(grant_type="refresh_token", refresh_token=first)
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_grant")


def test_a_wrong_token_is_refused_with_a_plain_string(bukowina):
    bukowina.token = "demo-secret-bukowina"
    answer = bukowina.graphql("{ shop { name } }")
    assert (answer.status_code, answer.json) == (401, INVALID)


def test_a_token_of_one_shop_does_not_open_another(bukowina, caller):
    tatry = caller("tatry")
    tatry.token = bukowina.token
    assert tatry.graphql("{ shop { name } }").status_code == 401


def test_minted_tokens_can_be_made_to_expire(bukowina):
    token = bukowina.mint(grant_type="client_credentials").json["access_token"]
    bukowina.control(action="expire_tokens")
    assert not works(bukowina, token)
    assert works(bukowina, "shpat_demo-token-bukowina")


def test_tokens_expire_by_themselves(bukowina):
    bukowina.control(action="expire_tokens", life=0)
    answer = bukowina.mint(grant_type="client_credentials").json
    assert answer["expires_in"] == 0
    assert not works(bukowina, answer["access_token"])


def test_granted_scopes_are_listed(caller):
    shop = caller("bezzamowien")
    path, headers = "/shopify/bezzamowien/admin/oauth/access_scopes.json", {"X-Shopify-Access-Token": shop.token}
    assert shop.client.get(path, headers=headers).json == {"access_scopes": [{"handle": "read_customers"}]}
    assert shop.client.get(path).status_code == 401


def test_the_published_credentials_work(bukowina):
    published = json.loads(files("sandbox").joinpath("credentials.json").read_text())["shopify"]
    client = published["client"]
    assert client["shop"] == published["token"]["shop"] == "bukowina.myshopify.com"
    asked = {key: client[key] for key in ("client_id", "client_secret")}
    assert bukowina.mint(grant_type="client_credentials", **asked).status_code == 200
    assert works(bukowina, published["token"]["token"])
