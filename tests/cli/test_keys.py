import base64

import pytest

from tests.factories import make_integration
from webapp.extensions import db
from webapp.models.secrets import key_ring
from webapp.values.secrets import KeyRing

OLD = "k1:" + base64.b64encode(b"k" * 32).decode()
NEW = "k2:" + base64.b64encode(b"n" * 32).decode()


@pytest.fixture
def integrations(account):
    return [make_integration(f"shop-{number}") for number in range(3)]


def use(app, ring: str) -> None:
    app.extensions["key_ring"] = KeyRing(ring)


def stale(integrations) -> list[bool]:
    db.session.expire_all()
    return [any(map(key_ring().needs_rotation, row.sealed.values())) for row in integrations]


def test_rotation_leaves_nothing_under_the_old_key(app, run, integrations, monkeypatch):
    monkeypatch.setattr("webapp.cli.keys.BATCH", 2)
    before = integrations[0].credentials
    use(app, f"{NEW},{OLD}")
    assert stale(integrations) == [True] * 3
    assert run("keys", "rotate").exit_code == 0
    assert stale(integrations) == [False] * 3
    use(app, NEW)
    assert integrations[0].credentials == before


def test_a_secret_whose_key_is_gone_is_reported_and_the_others_are_rotated(app, run, integrations):
    use(app, NEW)
    integrations[1].keep(dict(integrations[1].sealed))
    db.session.commit()
    use(app, "k3:" + base64.b64encode(b"x" * 32).decode() + "," + OLD)
    assert run("keys", "rotate").exit_code == 1
    assert stale(integrations) == [False, True, False]


def test_rotation_without_integrations_is_no_fault(run):
    assert run("keys", "rotate").exit_code == 0
