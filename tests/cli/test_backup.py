import sqlite3

from tests.databases import on_both_databases
from tests.factories import make_contact, make_list


def test_the_copy_holds_what_the_database_holds_and_is_for_its_owner_alone(run, account, tmp_path):
    make_contact(make_list(), "anna@example.com")
    file = tmp_path / "copy.sqlite3"
    answer = run("backup", str(file))
    assert answer.exit_code == 0 and str(file) in answer.output
    with sqlite3.connect(file) as copy:
        assert copy.execute("SELECT email_key FROM contact").fetchall() == [("anna@example.com",)]
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_not_written_over(run, account, tmp_path):
    file = tmp_path / "copy.sqlite3"
    file.write_text("precious")
    assert run("backup", str(file)).exit_code == 1 and file.read_text() == "precious"


def test_a_folder_that_is_not_there_is_a_sentence(run, account, tmp_path):
    answer = run("backup", str(tmp_path / "nowhere" / "copy"))
    assert answer.exit_code == 1 and "Traceback" not in answer.output


@on_both_databases
def test_only_sqlite_is_copied_so(run, account, tmp_path, database):
    file = tmp_path / "copy"
    assert run("backup", str(file)).exit_code == (1 if "postgresql" in database else 0)
    assert file.exists() is ("postgresql" not in database)
