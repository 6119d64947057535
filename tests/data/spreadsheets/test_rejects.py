"""Files that go out: rejected rows to be corrected and sent again, and blank forms."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from data.spreadsheets.headers import columns_of, find_header, names_of
from data.spreadsheets.plan import RefusedFile
from data.spreadsheets.readers import read_file
from data.spreadsheets.rejects import RejectedSheet, rejected_rows, write_rejected
from data.spreadsheets.schemas import TABLES
from data.spreadsheets.sheets import Sheet
from data.tables.blanks import write_blank
from data.tables.diagnostics import plan_diagnostics
from data.tables.people import plan_people
from data.tables.rows import KnownPerson, PersonRow
from recommender.framework import Framework
from recommender.territory import Territory

Read = Callable[..., Sheet]
YEARS = "напишите, например, «15», «15 лет» или «3 года 5 мес.»"
ANNA = (KnownPerson(1, PersonRow("Лис Анна", "Ш", "К-1")),)


def test_rejected_rows_of_csv_come_back_with_their_faults_and_can_be_sent_again(
    csv_sheet: Read, moscow: Territory, tmp_path: Path
) -> None:
    sheet = csv_sheet("Список\nID,ФИО,Школа,Стаж\n1,Лис Анна,Ш,5\n2,,Ш,сто\n3,=А Б,,-3\n")
    path = tmp_path / "rejected.csv"
    write_rejected([rejected_rows(sheet, plan_people(sheet, moscow, ()))], path)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        assert list(csv.reader(stream))[1:] == [
            ["ID", "ФИО", "Школа", "Стаж", "Ошибка"],
            ["2", "", "Ш", "сто", f"ФИО: ФИО не указано; Стаж: «сто» не число лет: {YEARS}"],
            ["3", "'=А Б", "", "-3", "Школа: организация не указана; Стаж: -3 меньше 0"],
        ]
    (again,) = read_file(path, "rejected.csv")
    plan = plan_people(again, moscow, ())
    assert [(fault.line, fault.value) for fault in plan.faults] == [(3, ""), (3, "сто"), (4, ""), (4, "-3")]
    assert plan.ignored_columns == ("Ошибка",) and again.rows[3][1][1] == "=А Б"
    second = rejected_rows(again, plan)
    assert second.header[1] == ("ID", "ФИО", "Школа", "Стаж", "Ошибка") and len(second.rows[0]) == 5


def test_rejected_rows_of_a_workbook_keep_sheets_titles_and_both_rows_of_the_header(
    workbook: Callable[..., Path], framework: Framework, kamchatka: Territory, tmp_path: Path
) -> None:
    def fill(book: Any) -> None:
        page = book.add_worksheet("Итоги")
        page.merge_range("A1:E1", "Результаты")
        page.write_row(1, 0, ["ID", "ФИО", "Дата диагностики"])
        page.merge_range("D2:E2", "Предметные")
        page.write_row(2, 3, ["МАТ-1", "Прочее"])
        page.write_row(3, 0, ["К-9", "Анна", "31.02.2026", 112])
        page.write_string(3, 4, "=cmd()")

    (sheet,) = read_file(workbook(fill=fill), "book.xlsx")
    plan = plan_diagnostics(sheet, kamchatka, framework, ANNA, {})
    path = tmp_path / "rejected.xlsx"
    write_rejected([rejected_rows(sheet, plan)], path)
    page = openpyxl.load_workbook(path)["Итоги"]
    rows = list(page.iter_rows(values_only=True))
    assert rows[1][-1] == "Ошибка" and rows[2][-1] is None
    assert rows[3][:5] == ("К-9", "Анна", "31.02.2026", 112, "=cmd()") and page["E4"].data_type == "s"
    assert str(rows[3][5]).startswith("ID: педагога с таким кодом нет; Дата диагностики: даты 31.02.2026 нет")
    (again,) = read_file(path, "rejected.xlsx")
    assert [fault.column for fault in plan_diagnostics(again, kamchatka, framework, ANNA, {}).faults] == [
        "ID", "Дата диагностики", "Предметные / МАТ-1",
    ]  # fmt: skip


def test_titles_that_excel_does_not_allow_are_changed(tmp_path: Path) -> None:
    titles = ["Январь/2026", "январь 2026", "'", "История: все [1]" + "ы" * 30]
    sheets = [RejectedSheet(title, None, (("ФИО",),), (("=cmd()",),)) for title in titles]
    write_rejected(sheets, tmp_path / "rejected.xlsx")
    book = openpyxl.load_workbook(tmp_path / "rejected.xlsx")
    assert book.sheetnames[:3] == ["Январь 2026", "январь 2026 2", "Лист 3"]
    assert [page["A2"].data_type for page in book] == ["s"] * 4


@pytest.mark.parametrize("table", TABLES)
def test_a_blank_form_has_a_header_that_the_readers_know(table: str, tmp_path: Path, framework: Framework) -> None:
    path = tmp_path / "blank.xlsx"
    write_blank(table, path)
    form, hints = read_file(path, "blank.xlsx")
    names = names_of(TABLES[table], framework)
    header = find_header(form, names)
    assert header is not None and header.data == 1 and find_header(hints, names) is None
    with pytest.raises(RefusedFile, match="под заголовком нет ни одной строки"):
        columns_of(form, names)


def test_a_wide_blank_form_has_a_column_for_each_competency(tmp_path: Path, framework: Framework) -> None:
    path = tmp_path / "blank.xlsx"
    write_blank("diagnostics", path, framework)
    cells = read_file(path, "blank.xlsx")[0].rows[0][1]
    assert cells[-1] == framework.competencies[-1].code and "Процент" not in cells
