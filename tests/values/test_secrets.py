import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.values.secrets import InvalidKeyRing, InvalidSecret, KeyRing, fingerprint, generate_key

OLD, NEW = f"old:{generate_key()}", f"new:{generate_key()}"
RING = KeyRing(OLD)
CONTEXT = "1|7|token"
ERASURE_KEY = "e" * 32


@given(st.text(), st.text(max_size=40))
def test_what_was_encrypted_opens_again(plain, context):
    assert RING.decrypt(RING.encrypt(plain, context), context) == plain


def test_an_envelope_names_its_version_and_key():
    assert RING.encrypt("shpat_1", CONTEXT).split(":")[:2] == ["v1", "old"]


def test_an_envelope_does_not_show_the_secret():
    envelope = RING.encrypt("shpat_1", CONTEXT)
    assert "shpat_1" not in envelope
    assert base64.b64encode(b"shpat_1").decode() not in envelope


def test_the_same_secret_is_never_encrypted_the_same_way():
    assert RING.encrypt("shpat_1", CONTEXT) != RING.encrypt("shpat_1", CONTEXT)


@pytest.mark.parametrize("elsewhere", ["2|7|token", "1|8|token", "1|7|secret", "1|7", "", "1|7|token|old"])
def test_an_envelope_copied_elsewhere_does_not_open(elsewhere):
    envelope = RING.encrypt("shpat_1", CONTEXT)
    with pytest.raises(InvalidSecret):
        RING.decrypt(envelope, elsewhere)


def opens(envelope):
    try:
        return RING.decrypt(envelope, CONTEXT)
    except InvalidSecret:
        return None


def test_changing_any_character_of_an_envelope_closes_it():
    envelope = RING.encrypt("shpat_1", CONTEXT)
    letters = f"{string.ascii_letters}{string.digits}+/=:"
    changed = {
        envelope[:place] + letter + envelope[place + 1 :] for place in range(len(envelope)) for letter in letters
    }
    assert [other for other in changed - {envelope} if opens(other) is not None] == []


@pytest.mark.parametrize(
    "garbage", ["", "shpat_1", "v1:old", "v1:old::", "v2:old:AAAA:AAAA", "v1:old:ż:ż", "v1:old:AAAA:AAAA:AAAA"]
)
def test_what_is_no_envelope_does_not_open(garbage):
    with pytest.raises(InvalidSecret):
        RING.decrypt(garbage, CONTEXT)


def test_an_envelope_cut_short_does_not_open():
    with pytest.raises(InvalidSecret):
        RING.decrypt(RING.encrypt("shpat_1", CONTEXT)[:-4], CONTEXT)


def test_an_envelope_under_another_key_of_the_same_name_does_not_open():
    with pytest.raises(InvalidSecret):
        KeyRing(f"old:{generate_key()}").decrypt(RING.encrypt("shpat_1", CONTEXT), CONTEXT)


def test_the_key_id_cannot_be_exchanged():
    key = generate_key()
    envelope = KeyRing(f"a:{key}").encrypt("shpat_1", CONTEXT)
    with pytest.raises(InvalidSecret):
        KeyRing(f"a:{key},b:{key}").decrypt(envelope.replace("v1:a:", "v1:b:"), CONTEXT)


def test_a_refusal_does_not_carry_the_envelope():
    with pytest.raises(InvalidSecret) as refused:
        RING.decrypt("v1:old:c2hwYXRfMQ==:c2hwYXRfMQ==", CONTEXT)
    assert "c2hw" not in str(refused.value)


def test_the_first_key_encrypts():
    assert KeyRing(f"{NEW},{OLD}").encrypt("shpat_1", CONTEXT).startswith("v1:new:")


def test_older_keys_still_decrypt():
    assert KeyRing(f"{NEW},{OLD}").decrypt(RING.encrypt("shpat_1", CONTEXT), CONTEXT) == "shpat_1"


def test_a_key_that_left_the_ring_does_not_decrypt():
    with pytest.raises(InvalidSecret, match="not in the ring"):
        KeyRing(NEW).decrypt(RING.encrypt("shpat_1", CONTEXT), CONTEXT)


def test_only_what_an_older_key_encrypted_needs_rotation():
    ring = KeyRing(f"{NEW}, {OLD}")
    assert ring.needs_rotation(RING.encrypt("shpat_1", CONTEXT))
    assert not ring.needs_rotation(ring.encrypt("shpat_1", CONTEXT))


def test_garbage_is_not_rotated():
    with pytest.raises(InvalidSecret):
        RING.needs_rotation("shpat_1")


@pytest.mark.parametrize(
    "spec",
    [
        "",
        ",",
        "key",
        ":",
        f":{generate_key()}",
        f"a b:{generate_key()}",
        "a:",
        "a:short",
        "a:not base64!",
        f"a:!{generate_key()}",
        f"{OLD},",
        f"{OLD},{OLD}",
        f"a:{base64.b64encode(b'k' * 31).decode()}",
        f"a:{base64.b64encode(b'k' * 16).decode()}",
        f"a|b:{generate_key()}",
    ],
    ids=range(15),
)
def test_a_ring_with_a_bad_key_is_refused(spec):
    with pytest.raises(InvalidKeyRing):
        KeyRing(spec)


def test_the_refusal_names_the_key_but_does_not_show_it():
    short = base64.b64encode(b"k" * 31).decode()
    with pytest.raises(InvalidKeyRing, match="The key spare has 31 bytes instead of 32") as refused:
        KeyRing(f"{OLD},spare:{short}")
    assert short not in str(refused.value)


def test_a_ring_does_not_show_its_keys():
    assert OLD.partition(":")[2] not in repr(vars(RING))


def test_generated_keys_differ():
    assert generate_key() != generate_key()


def test_a_fingerprint_is_the_same_each_time():
    assert fingerprint("anna@example.com", ERASURE_KEY) == fingerprint("anna@example.com", ERASURE_KEY)


def test_a_fingerprint_is_hmac_sha256():
    expected = "e3812103f0d29c781cfb1167ea3e7428"
    assert fingerprint("anna@example.com", ERASURE_KEY)[:32] == expected


def test_another_address_or_key_has_another_fingerprint():
    prints = {
        fingerprint("anna@example.com", ERASURE_KEY),
        fingerprint("jan@example.com", ERASURE_KEY),
        fingerprint("anna@example.com", "f" * 32),
    }
    assert len(prints) == 3


def test_a_short_erasure_key_is_refused():
    with pytest.raises(ValueError, match="32 characters"):
        fingerprint("anna@example.com", "e" * 31)
