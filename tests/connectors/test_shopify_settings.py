"""What may be typed to connect a shop."""

import pytest

from webapp.connectors.cleaning import clean_key
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.shopify import Shopify
from webapp.connectors.shopify.settings import clean_shop


@pytest.mark.parametrize(
    "typed",
    [
        "bukowina",
        "bukowina.myshopify.com",
        "  Bukowina.MyShopify.com ",
        "bukowina.myshopify.com/",
        "https://bukowina.myshopify.com",
        "https://bukowina.myshopify.com/admin/products?x=1",
        "http://bukowina.myshopify.com",
        "https://admin.shopify.com/store/bukowina",
        "https://admin.shopify.com/store/bukowina/settings/apps",
        "admin.shopify.com/store/bukowina?x=1",
    ],
)
def test_a_shop_is_recognised_in_every_form_in_which_it_is_copied(typed):
    assert clean_shop(typed) == "bukowina.myshopify.com"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "x.myshopify.com.evil.pl",
        "https://x.myshopify.com.evil.pl/",
        "x.myshopify.com@127.0.0.1",
        "user@x.myshopify.com",
        "https://user:pw@x.myshopify.com",
        "https://evil.pl/x.myshopify.com",
        "https://x.myshopify.com:8443",
        "a.b.myshopify.com",
        ".myshopify.com",
        "-x.myshopify.com",
        "localhost",
        "127.0.0.1",
        "2130706433",
        "[::1]",
        "bukowina.myshopify.com\n",
        "bukowina\n.myshopify.com",
        "bukowina.myshopify.com\r\nX: y",
        "bukowina.myshopify.com/\x00",
        "bukowіna.myshopify.com",
        "ｂukowina.myshopify.com",
        "bukowina。myshopify。com",
        "buko wina.myshopify.com",
        "bukowina.myshopify.com\\@evil.pl",
        "https://admin.shopify.com/store/",
        "https://admin.shopify.com.evil.pl/store/x",
        "javascript:alert(1)",
        "bukowina.pl",
        "a" * 62,
        "{shop}",
    ],
)
def test_anything_else_is_a_bad_address_before_any_connection(typed):
    with pytest.raises(ConnectorError) as caught:
        clean_shop(typed)
    assert (caught.value.reason, caught.value.setting) == (Reason.BAD_ADDRESS, "shop")


def test_a_key_is_kept_without_the_spaces_around_it():
    assert clean_key("token")(" shpat_abc \n") == "shpat_abc"


@pytest.mark.parametrize("typed", ["", "two words", "shpat_ż", "a\r\nX: y", "x" * 501])
def test_a_key_that_cannot_travel_in_a_header_is_refused(typed):
    with pytest.raises(ConnectorError) as caught:
        clean_key("token")(typed)
    assert (caught.value.reason, caught.value.setting) == (Reason.UNAUTHORIZED, "token")


def test_signing_in_comes_first_and_all_ways_ask_for_the_shop():
    names = {way.key: [setting.name for setting in way.settings] for way in Shopify.ways}
    assert list(names) == ["sign_in", "client", "token"]
    assert list(names.values()) == [["shop"], ["shop", "client_id", "client_secret"], ["shop", "token"]]


def test_secrets_are_marked_and_the_client_id_is_not_one():
    assert {s.name for way in Shopify.ways for s in way.settings if s.secret} == {"client_secret", "token"}
