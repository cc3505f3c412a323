"""What may be dialled, by the look of the address and by what DNS says."""

import socket

import pytest

from webapp.connectors.egress import Blocked, Egress, is_public


def resolving(*addresses):
    return lambda host, port, **options: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in addresses]


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.0x1/",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://169.254.169.254/latest",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://user:pw@shop.example/",
        "https://@shop.example/",
        "https://shop.example@127.0.0.1/",
        "https://shop.example\\@127.0.0.1/",
        "https://redis.internal/",
        "https://printer.local/",
        "https://router.home.arpa/",
        "https://printer/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_",
        "https://shop.example/#@evil",
        "https://sho\tp.example/",
        "https://shop.example/\r\nX: y",
        "https://１２７.０.０.１/",
        "https://ⓛocalhost/",
        "https://shop.example:6379/",
        "https://shop.example:99999/",
        "https://shop.example:x/",
        "http://shop.example:443/",
        "https://[::1/",
        "https://",
        "//shop.example/",
        "",
        f"https://{'a' * 64}.example/",
    ],
)
def test_an_address_of_this_form_is_never_dialled(url):
    with pytest.raises(Blocked):
        Egress().permit(url)


def test_a_public_name_is_permitted_in_its_ascii_form():
    assert Egress().permit("https://Sklep.Żółw.pl/rest/V1?a=b") == "https://sklep.xn--w-uga1v8h.pl/rest/V1?a=b"


def test_an_allowed_authority_may_be_a_literal_and_plain_http():
    assert Egress(frozenset({"127.0.0.1:8010"})).permit("http://127.0.0.1:8010/x") == "http://127.0.0.1:8010/x"
    assert Egress(frozenset({"[::1]:8010"})).permit("http://[::1]:8010/x") == "http://[::1]:8010/x"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8011/", "http://127.0.0.2:8010/", "http://u@127.0.0.1:8010/"])
def test_an_allowed_authority_opens_nothing_beside_it(url):
    with pytest.raises(Blocked):
        Egress(frozenset({"127.0.0.1:8010"})).permit(url)


def test_an_allowed_authority_does_not_permit_other_schemes():
    with pytest.raises(Blocked):
        Egress(frozenset({"127.0.0.1:8010"})).permit("ftp://127.0.0.1:8010/")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "fd00::1",
        "fd00:ec2::254",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001:0:1::",
        "ff02::1",
    ],
)
def test_an_address_that_is_not_of_the_open_internet_is_refused(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_an_address_of_the_open_internet_is_public(address):
    assert is_public(address)


def test_one_private_address_blocks_the_whole_name():
    with pytest.raises(Blocked):
        Egress(resolve=resolving("8.8.8.8", "10.0.0.5")).addresses("shop.example", 443)


def test_public_addresses_come_back_once_each():
    assert Egress(resolve=resolving("8.8.8.8", "8.8.8.8", "1.1.1.1")).addresses("shop.example", 443) == [
        "8.8.8.8",
        "1.1.1.1",
    ]


def test_a_name_without_addresses_is_blocked():
    with pytest.raises(Blocked):
        Egress(resolve=resolving()).addresses("shop.example", 443)


def test_a_name_that_dns_does_not_know_is_blocked_alike():
    def unknown(host, port, **options):
        raise socket.gaierror

    with pytest.raises(Blocked):
        Egress(resolve=unknown).addresses("shop.example", 443)


@pytest.mark.parametrize(("host", "port"), [("shop.example", 80), ("127.0.0.1", 443), ("localhost", 443)])
def test_the_dialler_judges_host_and_port_itself(host, port):
    with pytest.raises(Blocked):
        Egress(resolve=resolving("8.8.8.8")).addresses(host, port)


def test_an_allowed_name_may_be_private():
    egress = Egress(frozenset({"magento.internal:8443"}), resolving("10.0.0.5"))
    assert egress.addresses("magento.internal", 8443) == ["10.0.0.5"]
