import random
import unicodedata

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from webapp.values.email import FAULT_SENTENCES, EmailFault, InvalidEmail, parse


def fault_of(raw):
    with pytest.raises(InvalidEmail) as refused:
        parse(raw)
    return refused.value.reason


def test_a_plain_address_is_its_own_key():
    assert parse("anna@example.com") == ("anna@example.com", "anna@example.com")


def test_letter_case_does_not_make_another_address():
    assert parse("Anna.Kowalska@Example.COM").key == "anna.kowalska@example.com"


def test_the_address_is_shown_as_it_was_typed():
    assert parse(" Anna@Example.COM ").display == "Anna@Example.COM"


@pytest.mark.parametrize("around", [" ", "\u00a0", "\t", "\r\n", "\u200b", "\ufeff", "\u2060", " \u200b\u00a0"])
def test_spaces_and_zero_width_characters_around_are_trimmed(around):
    assert parse(f"{around}anna@example.com{around}") == ("anna@example.com", "anna@example.com")


def test_composed_and_decomposed_letters_are_one_address():
    name = "żółć@example.com"
    assert parse(unicodedata.normalize("NFD", name)) == parse(name)


def test_letters_that_join_only_when_lower_case_are_one_address():
    assert parse("J\u030cana@example.com").key == parse("\u01f0ana@example.com").key


def test_an_international_domain_has_one_key():
    assert parse("anna@źródło.pl").key == parse("anna@xn--rdo-gna01bwk.pl").key == "anna@xn--rdo-gna01bwk.pl"


def test_the_domain_of_an_international_address_is_shown_as_typed():
    assert parse("Anna@Źródło.pl").display == "Anna@Źródło.pl"


@pytest.mark.parametrize(
    "address", ["a@example.com", "a@example.net", "a@sklep.example", "a+b@example.com", "o'neil@example.com"]
)
def test_addresses_of_examples_are_accepted(address):
    assert parse(address).key == address


@pytest.mark.parametrize("raw", [None, "", "  ", "\u00a0\u200b\ufeff"])
def test_nothing_is_a_missing_address(raw):
    assert fault_of(raw) is EmailFault.MISSING


@pytest.mark.parametrize("raw", ["anna", "anna.example.com", "anna＠example.com", 14])
def test_an_address_without_an_at_sign_is_refused(raw):
    assert fault_of(raw) is EmailFault.NO_AT


@pytest.mark.parametrize(
    "raw", ["a@@example.com", "a@b@example.com", '"a@b"@example.com', "a@example.com, b@example.com"]
)
def test_an_address_with_two_at_signs_is_refused(raw):
    assert fault_of(raw) is EmailFault.MANY_AT


def test_an_address_without_a_domain_is_refused():
    assert fault_of("anna@") is EmailFault.NO_DOMAIN


@pytest.mark.parametrize(
    "local",
    ["", ".anna", "anna.", "an..na", "an na", '"anna"', "anna,", "an\x00na", "an\u200bna", "an\u202ena", "an\ud800na"],
)
def test_an_address_with_a_bad_beginning_is_refused(local):
    assert fault_of(f"{local}@example.com") is EmailFault.BAD_LOCAL


@pytest.mark.parametrize(
    "domain",
    [
        "b",
        "example",
        "example.com.",
        ".example.com",
        "exa mple.com",
        "-example.com",
        "example..com",
        "[127.0.0.1]",
        "127.0.0.1",
        "exa_mple.com",
        "example.com>",
        "example.com\r\nBcc: b",
        "exa\x00mple.com",
        "\ud800.pl",
        "host.local",
        "host.invalid",
    ],
)
def test_an_address_with_a_bad_domain_is_refused(domain):
    assert fault_of(f"anna@{domain}") is EmailFault.BAD_DOMAIN


@pytest.mark.parametrize(
    "raw",
    ["a" * 65 + "@example.com", "a@" + "b." * 130 + "pl", "ż" * 65 + "@example.com", "a" * 10_000 + "@example.com"],
)
def test_an_address_that_is_too_long_is_refused(raw):
    assert fault_of(raw) is EmailFault.TOO_LONG


def test_the_longest_beginning_is_accepted():
    assert parse("a" * 64 + "@example.com")


def address_of(length):
    domain = ".".join(["b" * 63] * 3 + ["c" * (length - 197), "pl"])
    return f"a@{domain}"


def test_a_whole_address_of_254_characters_is_accepted():
    assert len(address_of(254)) == 254
    assert parse(address_of(254))


def test_a_whole_address_of_255_characters_is_refused():
    assert fault_of(address_of(255)) is EmailFault.TOO_LONG


@pytest.mark.parametrize("local", ["ż" * 10, "a" * 20])
def test_an_address_that_is_too_long_as_dns_writes_it_is_refused(local):
    assert fault_of(f"{local}@{'ż.' * 30}pl") is EmailFault.TOO_LONG


def test_the_refusal_does_not_carry_the_address():
    with pytest.raises(InvalidEmail) as refused:
        parse("anna kowalska@example.com")
    assert "anna" not in str(refused.value)


def test_every_fault_has_a_sentence():
    assert set(FAULT_SENTENCES) == set(EmailFault)


@given(st.text(max_size=40) | st.emails() | st.from_regex(r"\A[\w.+-]{1,20}@[\w-]{1,10}\.(pl|com)\Z"))
def test_a_key_is_its_own_key(raw):
    try:
        key = parse(raw).key
    except InvalidEmail:
        return
    assert parse(key).key == key


def library_key(raw):
    """The same by email-validator alone."""
    text = unicodedata.normalize("NFC", raw.strip().strip("\u200b\u00a0"))
    try:
        address = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError:
        return None
    return f"{unicodedata.normalize('NFC', address.local_part.lower())}@{address.ascii_domain}"


def own_key(raw):
    try:
        return parse(raw).key
    except InvalidEmail:
        return None


NAMES = "anna Jan.Kowalski o'neil z+shop info INFO żaneta a_b x-1 1 ab..c .a a. ł".split()
DOMAINS = """
    example.com Sklep.PL poczta.example źródło.pl xn--rdo-gna01bwk.pl b a-.pl x..pl straße.de a.b.c.d.example.org ab--cd.pl
    xn--a.pl 1.2 127.0.0.1 host.test pl. İ.com sklep。pl ẞ.de ΟΔΟΣ-1.gr
""".split()
SPOILERS = ' @"<>(),;:\\[]\u00a0\u200b\u0301\x00\x7f.-_%ąé\u202e😀'


def generated_addresses(count):
    chance = random.Random(20261123)
    for _ in range(count):
        raw = f"{chance.choice(NAMES)}{chance.choice(['', '', str(chance.randrange(999))])}@{chance.choice(DOMAINS)}"
        if chance.random() < 0.4:
            place = chance.randrange(len(raw) + 1)
            raw = raw[:place] + chance.choice(SPOILERS) + raw[place:]
        yield raw


def test_the_fast_path_and_the_library_agree_on_generated_addresses():
    different = [raw for raw in generated_addresses(20_000) if own_key(raw) != library_key(raw)]
    assert different == []
