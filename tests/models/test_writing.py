"""Writing within a request that reads."""

import threading

from sqlalchemy import select

from tests import factories
from webapp.extensions import db
from webapp.models import Account, ContactList
from webapp.models.database import start_reading, start_writing, writing
from webapp.models.scope import acting_for


def test_a_request_that_has_read_may_write_although_somebody_wrote_meanwhile(app, account):
    def somebody_else():
        with app.app_context(), acting_for(account.id):
            factories.make_list("Lista kogoś innego")

    start_reading()
    try:
        assert db.session.scalars(select(ContactList)).all() == []
        other = threading.Thread(target=somebody_else)
        other.start()
        other.join()
        with writing():
            db.session.get(Account, account.id).name = "Nowa nazwa"
            db.session.commit()
    finally:
        start_writing()
    assert db.session.get(Account, account.id, populate_existing=True).name == "Nowa nazwa"
