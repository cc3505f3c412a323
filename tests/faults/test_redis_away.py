"""Redis only carries the news: while it hangs or is dead, pages answer, buttons work, and what was asked for is done afterwards."""

import signal
import time

import pytest
from sqlalchemy import select

from tests.conftest import Browser, sign_in
from tests.faults.truth import assert_done_once
from webapp.extensions import db
from webapp.models import ImportRun, RecurringImport, User

# Longer than redis-py's own patience, so that workers and scheduler meet it too.
OUTAGE_SECONDS = 7


def owner_of(home, recurring_import_id: int) -> str:
    with home.at_home():
        account_id = db.session.get(RecurringImport, recurring_import_id).account_id
        return db.session.scalar(select(User.email).where(User.account_id == account_id))


def newest_run(home, recurring_import_id: int) -> int:
    with home.at_home():
        of_import = ImportRun.recurring_import_id == recurring_import_id
        return db.session.scalars(select(ImportRun.id).where(of_import).order_by(ImportRun.id.desc())).first()


def hang(redis) -> None:
    redis.program.signal(signal.SIGSTOP)


def wake(redis) -> None:
    redis.program.signal(signal.SIGCONT)


def die(redis) -> None:
    redis.lose_everything()


def start(redis) -> None:
    redis.start()


@pytest.mark.parametrize(("away", "back"), [(hang, wake), (die, start)], ids=["hangs", "is dead"])
def test_pages_answer_and_the_button_works_while_redis(home, away, back):
    recurring_import_id = home.new_import()
    owner = owner_of(home, recurring_import_id)
    home.app.test_client_class = Browser
    away(home.redis)
    stopped = time.monotonic()
    try:
        with home.app.app_context():
            browser = sign_in(home.app, owner)
            for path in ("/", "/listy", "/integracje"):
                assert browser.get(path).status_code == 200
            assert browser.post(f"/importy/{recurring_import_id}/biegi").status_code == 303
        run_id = newest_run(home, recurring_import_id)
        with home.app.app_context():
            page = browser.get(f"/historia/{run_id}")
        assert page.status_code == 200 and "W kolejce" in page.text
        time.sleep(max(0, OUTAGE_SECONDS - (time.monotonic() - stopped)))
    finally:
        back(home.redis)
    assert_done_once(home, home.ends(run_id))
