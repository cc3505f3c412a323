import pytest

from webapp.values.cells import csv_cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start):
    assert csv_cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["Anna", "a=b", "'=1", "", "1-2", "(=1)"])
def test_other_texts_stay_as_they_are(text):
    assert csv_cell(text) == text


@pytest.mark.parametrize(("value", "cell"), [(-5, "-5"), (-1.5, "-1.5"), (14, "14"), (None, "")])
def test_numbers_stay_numbers(value, cell):
    assert csv_cell(value) == cell
