"""Tables that leave the service run nothing in a spreadsheet."""

from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from api.exports import ExportedSheet, as_csv, as_xlsx, download


@pytest.mark.parametrize("text", ["=1+1", "+7", "-1", "@x", "\tx"])
def test_a_text_that_looks_like_a_formula_stays_a_text(text: str) -> None:
    assert f"'{text}" in as_csv(["А"], [[text]]).decode("utf-8-sig")
    sheet = load_workbook(BytesIO(as_xlsx(ExportedSheet("Лист", ["А"], [[text]])))).active
    assert sheet is not None
    assert (sheet["A2"].value, sheet["A2"].data_type) == (text, "s")


def test_a_csv_opens_in_a_russian_spreadsheet_as_it_is() -> None:
    content = as_csv(["Имя", "Часы", "День"], [["Ёлкина", 1.5, date(2026, 11, 22)], [None, 3, None]])
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == "Имя;Часы;День\r\nЁлкина;1,5;22.11.2026\r\n;3;\r\n"


def test_dates_and_numbers_are_no_texts_in_a_workbook() -> None:
    sheet = load_workbook(BytesIO(as_xlsx(ExportedSheet("Лист", ["А", "Б"], [[date(2026, 11, 22), 2.5]])))).active
    assert sheet is not None
    assert (sheet["A2"].value.date(), sheet["B2"].value) == (date(2026, 11, 22), 2.5)


def test_a_file_keeps_its_russian_name() -> None:
    assert download(b"", "Мой список.csv").headers["Content-Disposition"].endswith("%D0%BA.csv")
