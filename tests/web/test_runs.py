"""Watching runs and acting on them: the fragments, the buttons, the history and the files of rejected people."""

import csv
import io
from datetime import timedelta
from html.parser import HTMLParser
from zipfile import ZipFile

import pytest
from sqlalchemy import event

from tests import factories
from tests.databases import on_both_databases
from webapp.extensions import db
from webapp.models import ImportRun, RejectedRow, RunStatus, Schedule
from webapp.models.database import now
from webapp.models.scope import everyone
from webapp.runs import figures, history

HTMX = {"HX-Request": "true"}
HOSTILE = '"><img src=x onerror=alert(1)>'


class Elements(HTMLParser):
    """All elements of a page with their attributes."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def by_id(self, name):
        return next(((tag, attrs) for tag, attrs in self.found if attrs.get("id") == name), None)

    def actions(self):
        return {attrs["action"] for tag, attrs in self.found if tag == "form"}


@pytest.fixture
def recurring_import(account):
    return factories.make_recurring_import()


@pytest.fixture
def count_queries(app):
    """How many statements a request sends to the database."""

    def count(request):
        statements = []
        listen = lambda *facts: statements.append(facts[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listen)
        request()
        event.remove(db.engine, "before_cursor_execute", listen)
        return len(statements)

    return count


def make_run(recurring_import, status, **values):
    return factories.make_run(recurring_import, **{"status": status} | values)


def reject(run, external_id="7001", reason="no_domain", value="a•••@", **values):
    return factories.saved(
        RejectedRow(run_id=run.id, external_id=external_id, field="email", value=value, reason=reason, **values)
    )


def poll(client, recurring_import):
    return client.get(f"/importy/{recurring_import.id}/postep", headers=HTMX)


def fragment(client, recurring_import):
    page = Elements(poll(client, recurring_import).text)
    return page, page.by_id(f"recurringimport-{recurring_import.id}-progress")


# The progress fragment


@pytest.mark.parametrize("status", [RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING])
def test_a_run_that_a_worker_may_move_is_asked_about_again(client, recurring_import, status):
    make_run(recurring_import, status)
    _, (_, attributes) = fragment(client, recurring_import)
    assert attributes["hx-get"] == f"/importy/{recurring_import.id}/postep"
    assert attributes["hx-trigger"] == "load delay:2s"
    assert attributes["hx-target"] == "this"


@pytest.mark.parametrize("status", sorted({*RunStatus} - {RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING}))
def test_a_run_that_rests_is_not_asked_about_again(client, recurring_import, status):
    make_run(recurring_import, status, finished_at=now())
    _, (_, attributes) = fragment(client, recurring_import)
    assert "hx-get" not in attributes
    assert attributes["aria-live"] == "polite"


def test_an_import_that_never_ran_says_so_and_rests(client, recurring_import):
    _, (_, attributes) = fragment(client, recurring_import)
    assert "hx-get" not in attributes


def test_a_bar_shows_how_many_of_the_announced_people_came(client, recurring_import):
    make_run(recurring_import, RunStatus.RUNNING, fetched=6240, expected=8900)
    page, _ = fragment(client, recurring_import)
    bar = next(attributes for tag, attributes in page.found if tag == "progress")
    assert (bar["value"], bar["max"]) == ("6240", "8900")
    assert "70%" in poll(client, recurring_import).text


def test_without_a_count_from_the_vendor_there_is_a_number_and_no_bar(client, recurring_import):
    make_run(recurring_import, RunStatus.RUNNING, fetched=624)
    page, _ = fragment(client, recurring_import)
    assert not [tag for tag, _ in page.found if tag == "progress"]
    assert "624" in poll(client, recurring_import).text


def test_more_people_than_announced_never_make_more_than_the_whole(client, recurring_import):
    make_run(recurring_import, RunStatus.RUNNING, fetched=120, expected=100)
    page, _ = fragment(client, recurring_import)
    bar = next(attributes for tag, attributes in page.found if tag == "progress")
    assert bar["value"] == bar["max"] == "100"


def test_only_the_newest_run_is_shown(client, recurring_import):
    make_run(recurring_import, RunStatus.DONE, finished_at=now(), fetched=1)
    newest = make_run(recurring_import, RunStatus.FAILED, finished_at=now(), reason="unauthorized")
    text = poll(client, recurring_import).text
    assert f"/historia/{newest.id}" in text
    assert "(SHP-401)" in text


def test_a_held_run_shows_its_numbers_and_both_answers(client, recurring_import):
    make_run(recurring_import, RunStatus.DONE, source_size=890, finished_at=now())
    held = make_run(recurring_import, RunStatus.HELD, reason="suspicious_drop", source_size=120)
    page, _ = fragment(client, recurring_import)
    assert {f"/biegi/{held.id}/zgoda", f"/biegi/{held.id}/przerwanie"} <= page.actions()
    text = poll(client, recurring_import).text
    assert "120" in text
    assert "890" in text


def test_the_menu_comes_along_when_nothing_moves_any_more(client, recurring_import):
    run = make_run(recurring_import, RunStatus.RUNNING)
    menu = f"recurringimport-{recurring_import.id}-menu"
    page, _ = fragment(client, recurring_import)
    assert page.by_id(menu) is None
    run.status, run.finished_at = RunStatus.DONE, now()
    db.session.commit()
    answer = poll(client, recurring_import)
    assert Elements(answer.text).by_id(menu)[1]["hx-swap-oob"] == "true"
    assert answer.headers["HX-Trigger"] == "run-rests"


def test_a_browser_that_asks_for_a_fragment_is_sent_to_the_page(client, recurring_import):
    answer = client.get(f"/importy/{recurring_import.id}/postep")
    assert answer.status_code == 303
    assert answer.location == f"/integracje?aplikacja=shopify#recurringimport-{recurring_import.id}"


def test_signed_out_in_the_middle_of_a_poll_htmx_is_told_to_leave(anonymous, recurring_import):
    answer = poll(anonymous, recurring_import)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/logowanie")


# The words of the numbers


def test_the_rate_and_the_end_are_told_from_the_rows_own_times(app, recurring_import):
    start = now()
    run = make_run(
        recurring_import,
        RunStatus.RUNNING,
        fetched=600,
        expected=1800,
        started_at=start,
        progress_at=start + timedelta(seconds=60),
    )
    pace = figures.pace(run)
    assert pace.per_second == pytest.approx(10)
    assert pace.left == timedelta(seconds=120)


@pytest.mark.parametrize("seconds", [0, 1])
def test_the_first_moments_give_no_rate(app, recurring_import, seconds):
    start = now()
    run = make_run(
        recurring_import,
        RunStatus.RUNNING,
        fetched=6,
        expected=18,
        started_at=start,
        progress_at=start + timedelta(seconds=seconds),
    )
    assert figures.pace(run) is None


def test_empty_counters_are_left_out_but_new_and_updated_stay(app, recurring_import):
    run = make_run(recurring_import, RunStatus.DONE, added=0, updated=0, unchanged=0, skipped=3, rejected=0)
    with app.test_request_context():
        assert figures.tallies(run).count("·") == 2


# Acting


def test_import_now_makes_a_run_and_shows_it(client, recurring_import):
    answer = client.post(f"/importy/{recurring_import.id}/biegi", headers=HTMX)
    assert answer.status_code == 200
    assert history.latest(recurring_import).status is RunStatus.QUEUED
    assert Elements(answer.text).by_id(f"recurringimport-{recurring_import.id}-progress")


def test_import_now_sends_a_browser_back_to_its_import(client, recurring_import):
    answer = client.post(f"/importy/{recurring_import.id}/biegi")
    assert answer.status_code == 303
    assert answer.location.endswith(f"#recurringimport-{recurring_import.id}")


def test_import_now_during_a_run_makes_no_second_one_and_says_why(client, recurring_import):
    make_run(recurring_import, RunStatus.RUNNING)
    answer = client.post(f"/importy/{recurring_import.id}/biegi", headers=HTMX)
    assert db.session.query(ImportRun).count() == 1
    assert "alert-warning" in answer.text


def test_an_unfinished_configuration_is_not_imported(client, account):
    draft = factories.make_recurring_import(schedule=Schedule.DRAFT)
    client.post(f"/importy/{draft.id}/biegi")
    assert history.latest(draft) is None


def test_a_disconnected_integration_is_neither_imported_nor_resumed(client, recurring_import):
    recurring_import.integration.disconnect()
    recurring_import.schedule = Schedule.STOPPED
    db.session.commit()
    client.post(f"/importy/{recurring_import.id}/biegi")
    client.post(f"/importy/{recurring_import.id}/wznowienie")
    assert history.latest(recurring_import) is None
    assert recurring_import.schedule is Schedule.STOPPED


def test_stopping_lets_a_running_import_finish_and_resuming_sets_the_next_slot(client, recurring_import):
    run = make_run(recurring_import, RunStatus.RUNNING)
    client.post(f"/importy/{recurring_import.id}/zatrzymanie")
    db.session.refresh(recurring_import)
    assert recurring_import.schedule is Schedule.STOPPED
    assert run.status is RunStatus.RUNNING
    client.post(f"/importy/{recurring_import.id}/wznowienie")
    db.session.refresh(recurring_import)
    assert recurring_import.schedule is Schedule.ACTIVE
    assert recurring_import.next_slot > now()


def test_breaking_off_ends_a_run(client, recurring_import):
    run = make_run(recurring_import, RunStatus.RUNNING)
    answer = client.post(f"/biegi/{run.id}/przerwanie", headers=HTMX)
    db.session.refresh(run)
    assert run.status is RunStatus.CANCELLED
    assert f"/biegi/{run.id}/przerwanie" not in answer.text


def test_breaking_off_a_run_that_has_ended_changes_nothing(client, recurring_import):
    run = make_run(recurring_import, RunStatus.DONE, finished_at=now())
    client.post(f"/biegi/{run.id}/przerwanie")
    db.session.refresh(run)
    assert run.status is RunStatus.DONE


def test_consent_lets_a_held_run_go_on(client, recurring_import):
    run = make_run(recurring_import, RunStatus.HELD, reason="suspicious_drop")
    client.post(f"/biegi/{run.id}/zgoda", headers=HTMX)
    db.session.refresh(run)
    assert run.status is RunStatus.QUEUED
    assert run.approved


def test_the_menu_offers_breaking_off_only_while_there_is_something_to_break_off(client, recurring_import):
    run = make_run(recurring_import, RunStatus.HELD)
    assert f"/biegi/{run.id}/przerwanie" in Elements(client.get(f"/historia/{run.id}").text).actions()
    run.status, run.finished_at = RunStatus.DONE, now()
    db.session.commit()
    assert f"/biegi/{run.id}/przerwanie" not in Elements(client.get(f"/historia/{run.id}").text).actions()


@pytest.mark.parametrize(("schedule", "offered"), [(Schedule.ACTIVE, "zatrzymanie"), (Schedule.STOPPED, "wznowienie")])
def test_the_menu_offers_to_stop_or_to_resume(client, account, schedule, offered):
    recurring_import = factories.make_recurring_import(schedule=schedule)
    run = make_run(recurring_import, RunStatus.DONE, finished_at=now())
    actions = Elements(client.get(f"/historia/{run.id}").text).actions()
    assert {f"/importy/{recurring_import.id}/{noun}" for noun in ("zatrzymanie", "wznowienie")} & actions == {
        f"/importy/{recurring_import.id}/{offered}"
    }


def test_the_menus_button_is_described_by_its_list(client, recurring_import):
    run = make_run(recurring_import, RunStatus.DONE, finished_at=now())
    page = client.get(f"/historia/{run.id}").text
    described = Elements(page).by_id(f"recurringimport-{recurring_import.id}-menu-button")[1]["aria-describedby"]
    assert f'id="{described}" class="visually-hidden">{recurring_import.contact_list.name}<' in page


# The history


def test_the_history_begins_with_the_newest_run(client, recurring_import):
    ids = [make_run(recurring_import, RunStatus.DONE, finished_at=now()).id for _ in range(3)]
    page = client.get("/historia").text
    assert sorted(ids, key=lambda run_id: page.index(f'href="/historia/{run_id}"')) == ids[::-1]


def test_the_history_goes_on_after_fifty_runs_without_missing_or_repeating_any(client, recurring_import):
    ids = {make_run(recurring_import, RunStatus.DONE, finished_at=now()).id for _ in range(53)}
    first = history.runs(None, None, None)
    second = history.runs(None, None, first.next_key)
    assert len(first.rows) == 50
    assert {run.id for run in [*first.rows, *second.rows]} == ids
    assert second.next_key is None
    assert f"przed={first.next_key}" in client.get("/historia").text


def test_the_history_is_narrowed_to_an_import_and_a_state(client, recurring_import):
    other = factories.make_recurring_import(recurring_import.integration, factories.make_list("VIP"))
    wanted = make_run(recurring_import, RunStatus.FAILED, finished_at=now(), reason="internal")
    done = make_run(recurring_import, RunStatus.DONE, finished_at=now())
    elsewhere = make_run(other, RunStatus.FAILED, finished_at=now())
    page = client.get(f"/historia?import={recurring_import.id}&stan=failed").text
    assert f'href="/historia/{wanted.id}"' in page
    assert f'href="/historia/{done.id}"' not in page
    assert f'href="/historia/{elsewhere.id}"' not in page


def test_an_unknown_state_in_the_address_is_no_filter(client, recurring_import):
    run = make_run(recurring_import, RunStatus.DONE, finished_at=now())
    assert f'href="/historia/{run.id}"' in client.get("/historia?stan=nonsense").text


def test_an_empty_history_invites(client, account):
    assert 'href="/integracje"' in client.get("/historia").text


@on_both_databases
def test_a_fragment_reads_who_asks_the_import_and_its_run_and_nothing_else(client, recurring_import, count_queries):
    make_run(recurring_import, RunStatus.RUNNING, started_at=now(), fetched=3, expected=9)
    begin = 1 if db.engine.dialect.name == "sqlite" else 0
    assert count_queries(lambda: poll(client, recurring_import)) == begin + 3


def test_the_history_takes_few_queries_however_long_it_is(client, recurring_import, count_queries):
    for _ in range(2):
        make_run(recurring_import, RunStatus.DONE, finished_at=now())
    few = count_queries(lambda: client.get("/historia"))
    for number in range(20):
        other = factories.make_recurring_import(recurring_import.integration, factories.make_list(f"Lista {number}"))
        make_run(other, RunStatus.DONE, finished_at=now())
    assert count_queries(lambda: client.get("/historia")) <= few <= 8


# A run's page


def test_the_page_shows_all_counters(client, recurring_import):
    counters = {"fetched": 815, "added": 214, "updated": 204, "unchanged": 295, "skipped": 89, "rejected": 13}
    run = make_run(recurring_import, RunStatus.DONE, finished_at=now(), skips={"no_consent": 89}, **counters)
    page = client.get(f"/historia/{run.id}").text
    for count in counters.values():
        assert f"{count}</dd>" in page


def test_the_page_names_vanished_columns_and_dropped_values_by_their_labels(client, recurring_import):
    run = make_run(
        recurring_import, RunStatus.DONE, finished_at=now(), gone_columns=["firstName"], dropped={"lastName": 471}
    )
    run.settings = run.settings | {
        "columns": [{"column": "firstName", "label": "Imię w sklepie", "target": "first_name", "rule": "clear"}]
    }
    db.session.commit()
    page = client.get(f"/historia/{run.id}").text
    assert page.count("„Imię w sklepie”") == 1
    assert "„lastName”" in page
    assert "471 wartości" in page


def test_a_moving_run_shows_the_same_progress_and_is_read_anew_when_it_rests(client, recurring_import):
    run = make_run(recurring_import, RunStatus.RUNNING, fetched=10)
    page = Elements(client.get(f"/historia/{run.id}").text)
    assert page.by_id(f"recurringimport-{recurring_import.id}-progress")[1]["hx-get"]
    outer = page.by_id(f"importrun-{run.id}")[1]
    assert (outer["hx-trigger"], outer["hx-disinherit"]) == ("run-rests", "*")


def test_a_held_run_can_be_answered_on_its_page(client, recurring_import):
    run = make_run(recurring_import, RunStatus.HELD, reason="many_rejected", rejected=30, fetched=40)
    assert {f"/biegi/{run.id}/zgoda", f"/biegi/{run.id}/przerwanie"} <= Elements(
        client.get(f"/historia/{run.id}").text
    ).actions()


@pytest.mark.parametrize("status", [*RunStatus])
def test_every_state_has_a_page(client, recurring_import, status):
    run = make_run(recurring_import, status, reason="short" if status is RunStatus.DONE else "internal")
    assert client.get(f"/historia/{run.id}").status_code == 200
    assert client.get("/historia").status_code == 200


# Rejected people


def test_rejected_people_are_shown_with_their_reason_and_filtered_by_it(client, recurring_import):
    run = make_run(recurring_import, RunStatus.DONE, finished_at=now(), rejected=3)
    reject(run, "7001"), reject(run, "7002", "missing", ""), reject(run, "7003")
    assert history.rejects_by_reason(run) == {"no_domain": 2, "missing": 1}
    page = client.get(f"/historia/{run.id}?powod=missing").text
    assert "7002" in page
    assert "7001" not in page
    assert f'href="/historia/{run.id}?powod=no_domain"' in page


def test_rejected_people_come_a_hundred_a_page(client, recurring_import):
    run = make_run(recurring_import, RunStatus.DONE, finished_at=now())
    db.session.add_all(
        [RejectedRow(run_id=run.id, external_id=str(n), field="email", value="", reason="missing") for n in range(150)]
    )
    db.session.commit()
    first = history.rejected(run, "", None)
    second = history.rejected(run, "missing", first.next_key)
    assert (len(first.rows), len(second.rows), second.next_key) == (100, 50, None)
    assert f"po={first.next_key}" in client.get(f"/historia/{run.id}").text


def test_the_csv_opens_in_a_polish_excel(client, recurring_import):
    run = make_run(recurring_import, RunStatus.DONE, finished_at=now())
    reject(run, "7001", value="ż•••@")
    answer = client.get(f"/historia/{run.id}/odrzuceni.csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="odrzuceni-{run.id}.csv"'
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith("\ufeff".encode())
    header, row = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";")
    assert len(header) == 5
    assert (row[0], row[2]) == ("7001", "ż•••@")


def test_no_cell_of_the_csv_is_a_formula(client, recurring_import):
    run = make_run(recurring_import, RunStatus.DONE, finished_at=now())
    reject(run, "=1+1", value="@SUM(A1)")
    _, row = csv.reader(io.StringIO(client.get(f"/historia/{run.id}/odrzuceni.csv").text), delimiter=";")
    assert (row[0], row[2]) == ("'=1+1", "'@SUM(A1)")


def test_the_csv_holds_all_people_of_the_chosen_reason(client, recurring_import, monkeypatch):
    monkeypatch.setattr(history, "EXPORT_BATCH", 10)
    run = make_run(recurring_import, RunStatus.DONE, finished_at=now())
    for number in range(25):
        reject(run, f"id-{number}")
    reject(run, "other", "missing")
    lines = client.get(f"/historia/{run.id}/odrzuceni.csv?powod=no_domain").text.splitlines()
    assert [line.split(";")[0] for line in lines[1:]] == [f'"id-{number}"' for number in range(25)]


def test_the_workbook_holds_texts_and_no_formulas(client, recurring_import):
    run = make_run(recurring_import, RunStatus.DONE, finished_at=now())
    reject(run, "=1+1", value="https://example.com")
    answer = client.get(f"/historia/{run.id}/odrzuceni.xlsx")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=odrzuceni-{run.id}.xlsx"
    with ZipFile(io.BytesIO(answer.data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "=1+1" in sheet
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet


# Others' rows and hostile values


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/importy/{import_}/postep"),
        ("post", "/importy/{import_}/biegi"),
        ("post", "/importy/{import_}/zatrzymanie"),
        ("post", "/importy/{import_}/wznowienie"),
        ("post", "/biegi/{run}/przerwanie"),
        ("post", "/biegi/{run}/zgoda"),
        ("get", "/historia?import={import_}"),
        ("get", "/historia/{run}"),
        ("get", "/historia/{run}/odrzuceni.csv"),
        ("get", "/historia/{run}/odrzuceni.xlsx"),
    ],
)
def test_the_runs_of_another_account_are_not_there(stranger, recurring_import, method, path):
    run = make_run(recurring_import, RunStatus.HELD)
    address = path.format(import_=recurring_import.id, run=run.id)
    for row in (run, recurring_import):
        db.session.expunge(row)
    assert getattr(stranger, method)(address).status_code == 404
    with everyone():
        assert db.session.get(ImportRun, run.id).status is RunStatus.HELD


def test_hostile_values_are_shown_as_text(client, account):
    integration = factories.make_integration(name=HOSTILE)
    recurring_import = factories.make_recurring_import(
        integration, factories.make_list(HOSTILE[:100]), source_name=HOSTILE
    )
    run = make_run(recurring_import, RunStatus.DONE, finished_at=now(), gone_columns=[HOSTILE], dropped={HOSTILE: 2})
    reject(run, HOSTILE, value=HOSTILE)
    for path in ("/historia", f"/historia/{run.id}"):
        page = Elements(client.get(path).text)
        assert not [tag for tag, attributes in page.found if tag == "img" or "onerror" in attributes]
