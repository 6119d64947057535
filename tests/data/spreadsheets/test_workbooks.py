"""Workbooks: what is read of a cell, what is left alone, and what is refused before it does harm."""

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.spreadsheets.plan import RefusedFile
from data.spreadsheets.readers import read_file
from data.spreadsheets.sheets import Merge, Sheet

Write = Callable[..., Path]
HEADER = ["ID", "ФИО", "Школа"]
CELLS = "xl/worksheets/sheet1.xml"


def changed(path: Path, part: str, change: Callable[[str], str | bytes], **options: Any) -> Path:
    """Rewrite one part of a workbook; a part that is not there is added."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = change(parts.get(part, b"").decode())
    parts[part] = text if isinstance(text, bytes) else text.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def read(path: Path) -> Sheet:
    (sheet,) = read_file(path, "book.xlsx")
    return sheet


def test_cells_come_as_texts_numbers_and_dates_with_their_lines(workbook: Write) -> None:
    sheet = read(workbook(("Лист", [HEADER, [], ["К-1", 59.5, datetime(2026, 9, 17)], ["К-2", 60, " а  б "]])))
    assert sheet.title == "Лист"
    assert sheet.rows == ((1, tuple(HEADER)), (3, ("К-1", 59.5, date(2026, 9, 17))), (4, ("К-2", 60, "а б")))


@pytest.mark.parametrize("dimension", ["A1", "A1:B2", "A1:XFD1048576", ""])
def test_a_wrong_dimension_is_not_believed(workbook: Write, dimension: str) -> None:
    path = workbook(("Лист", [HEADER, ["1", "А", "Б"], ["2", "В", "Г"]]))
    written = f'<dimension ref="{dimension}"/>' if dimension else ""
    sheet = read(changed(path, CELLS, lambda xml: xml.replace('<dimension ref="A1:C3"/>', written)))
    assert [cells for _, cells in sheet.rows] == [tuple(HEADER), ("1", "А", "Б"), ("2", "В", "Г")]


def test_hidden_sheets_are_never_read(workbook: Write) -> None:
    def fill(book: Any) -> None:
        for title, hide in (("скрытый", "hide"), ("очень скрытый", "very_hidden")):
            page = book.add_worksheet(title)
            page.write_row(0, 0, HEADER)
            getattr(page, hide)()

    assert [sheet.title for sheet in read_file(workbook(("Лист", [HEADER]), fill=fill), "book.xlsx")] == ["Лист"]


def test_formats_errors_and_formulas_count_as_what_a_person_sees(workbook: Write) -> None:
    def fill(book: Any) -> None:
        page = book.add_worksheet("Лист")
        page.write_number(0, 0, 0.85, book.add_format({"num_format": "0%"}))
        page.write_number(0, 1, 0.855, book.add_format({"num_format": "0.00%"}))
        page.write_number(0, 2, 85, book.add_format({"num_format": '0"%"'}))
        page.write_number(0, 3, 7, book.add_format({"num_format": "0000"}))
        page.write_formula(0, 4, "=1/3", None, 33.5)
        page.write_formula(0, 5, '="а"', None, "а")
        page.write_formula(0, 6, "=1/0", None, "#DIV/0!")
        page.write_boolean(0, 7, True)
        page.write_number(0, 8, 46282.4375, book.add_format({"num_format": "dd.mm.yyyy hh:mm"}))
        page.write_rich_string(0, 9, "жир", book.add_format({"bold": True}), "ный")

    assert read(workbook(fill=fill)).rows[0][1] == (
        "85%", "85.5%", 85, "0007", 33.5, "а", "#DIV/0!", True, datetime(2026, 9, 17, 10, 30), "жирный"
    )  # fmt: skip


@pytest.mark.parametrize("value", ["NaN", "INF", "1e999", "abc", "9" * 5000])
def test_a_stored_value_that_is_no_number_is_an_error_cell_and_no_reason_to_refuse_the_file(
    workbook: Write, value: str
) -> None:
    path = workbook(("Лист", [HEADER, [1, 2, 77]]))
    sheet = read(changed(path, CELLS, lambda xml: xml.replace("<v>77</v>", f"<v>{value}</v>")))
    assert sheet.rows[1][1] == (1, 2, "#ЧИСЛО!")


def test_a_formula_that_nobody_calculated_is_an_error_and_not_an_empty_cell(workbook: Write) -> None:
    path = workbook(("Лист", [HEADER, [1, 2, 77]]))
    sheet = read(changed(path, CELLS, lambda xml: xml.replace("<v>77</v>", "<f>A2+B2</f>")))
    assert sheet.rows[1][1] == (1, 2, "#ФОРМУЛА!")


def test_an_empty_text_of_a_formula_is_an_empty_cell(workbook: Write) -> None:
    path = workbook(("Лист", [HEADER, [1, 2, 77]]))
    sheet = read(
        changed(path, CELLS, lambda xml: xml.replace('<c r="C2"><v>77</v>', '<c r="C2" t="str"><f>""</f><v></v>'))
    )
    assert sheet.rows[1][1] == (1, 2)


def test_rows_and_cells_without_references_follow_one_another(workbook: Write) -> None:
    path = workbook(("Лист", [[1, 2], [3, 4]]))

    def without(xml: str) -> str:
        for reference in ("A1", "B1", "A2", "B2"):
            xml = xml.replace(f' r="{reference}"', "")
        return xml.replace('<row r="1"', "<row").replace('<row r="2"', "<row")

    assert read(changed(path, CELLS, without)).rows == ((1, (1, 2)), (2, (3, 4)))


def test_serials_of_a_1904_workbook_are_its_own_dates(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path), {"date_1904": True, "default_date_format": "dd.mm.yyyy"}) as book:
        book.add_worksheet().write_row(0, 0, [datetime(2026, 9, 17), "x"])
    sheet = read(path)
    assert sheet.mac_dates and sheet.rows[0][1][0] == date(2026, 9, 17)


def test_merged_areas_are_kept(workbook: Write) -> None:
    def fill(book: Any) -> None:
        book.add_worksheet("Лист").merge_range("B2:D3", "группа")

    assert read(workbook(fill=fill)).merges == (Merge(2, 3, 1, 3),)


def test_a_bomb_is_refused_before_it_is_unpacked(workbook: Write) -> None:
    path = workbook(("Лист", [HEADER]))
    changed(path, CELLS, lambda xml: xml.replace("</sheetData>", "<row/>" * 5_000_000 + "</sheetData>"))
    assert path.stat().st_size < 400_000
    with pytest.raises(RefusedFile, match="распаковывается"):
        read(path)


@pytest.mark.parametrize(
    "part", [CELLS, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml", "docProps/core.xml"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_in_any_part_is_refused(workbook: Write, part: str, encoding: str) -> None:
    doctype = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'

    def add(xml: str) -> bytes:
        head, _, rest = xml.partition("?>")
        return f"{head.replace('UTF-8', encoding)}?>{doctype}{rest}".encode(encoding)

    with pytest.raises(RefusedFile, match="DOCTYPE"):
        read(changed(workbook(("Лист", [HEADER])), part, add))


def test_old_and_encrypted_workbooks_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "old.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
    with pytest.raises(RefusedFile, match="старый двоичный формат"):
        read_file(path, "old.xlsx")
    path.write_bytes(path.read_bytes() + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(RefusedFile, match="закрыт паролем"):
        read_file(path, "old.xlsx")


def test_other_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(RefusedFile, match="архив, а не книга"):
        read_file(path, "book.xlsx")


def test_a_workbook_under_the_name_of_a_text_is_refused(workbook: Write) -> None:
    with pytest.raises(RefusedFile, match="внутри архив или книга"):
        read_file(workbook(("Лист", [HEADER])), "people.csv")


@pytest.mark.parametrize(
    "part", [CELLS, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "[Content_Types].xml"]
)
@pytest.mark.parametrize("damage", ["", "<", "<x></y>", "<x/>", "junk"])
def test_a_damaged_part_refuses_the_file_or_is_not_needed(workbook: Write, part: str, damage: str) -> None:
    path = changed(workbook(("Лист", [HEADER])), part, lambda _: damage)
    try:
        read_file(path, "book.xlsx")
    except RefusedFile as refusal:
        assert str(refusal).endswith(".")


def test_a_cut_off_workbook_is_refused(workbook: Write) -> None:
    path = workbook(("Лист", [HEADER]))
    whole = path.read_bytes()
    for size in range(100, len(whole), 500):
        path.write_bytes(whole[:size])
        with pytest.raises(RefusedFile, match="повреждена"):
            read(path)


def test_rows_out_of_order_are_refused_and_not_lost(workbook: Write) -> None:
    path = workbook(("Лист", [[1], [2], [3]]))
    with pytest.raises(RefusedFile, match="повреждена"):
        read(changed(path, CELLS, lambda xml: xml.replace('<row r="3"', '<row r="1"')))


def test_too_many_columns_and_rows_are_refused(workbook: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RefusedFile, match="больше 500 столбцов"):
        read(workbook(("Лист", [["x"] * 600])))
    monkeypatch.setattr("data.spreadsheets.markup.MOST_ROWS", 10)
    with pytest.raises(RefusedFile, match="больше 10 строк"):
        read(workbook(("Лист", [["x"]] * 11)))


def test_a_cell_far_below_costs_nothing(workbook: Write) -> None:
    def fill(book: Any) -> None:
        page = book.add_worksheet("Лист")
        page.write_row(0, 0, HEADER)
        page.write_string(1_048_575, 0, "конец")

    assert [line for line, _ in read(workbook(fill=fill)).rows] == [1, 1_048_576]


def test_a_workbook_of_hidden_sheets_and_charts_is_refused(workbook: Write) -> None:
    path = workbook(("Лист", [HEADER]))
    hidden = changed(path, "xl/workbook.xml", lambda xml: xml.replace("<sheet name=", '<sheet state="hidden" name='))
    with pytest.raises(RefusedFile, match="нет видимых листов"):
        read(hidden)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(part=st.sampled_from([CELLS, "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"]), data=st.data())
def test_a_part_changed_at_random_is_read_or_refused(workbook: Write, part: str, data: st.DataObject) -> None:
    def spoiled(xml: str) -> str:
        place = data.draw(st.integers(0, len(xml) - 1))
        length = data.draw(st.integers(0, 12))
        return xml[:place] + data.draw(st.text("<>/\"'=0129Art &;-", max_size=8)) + xml[place + length :]

    path = changed(workbook(("Лист", [HEADER, ["1", 59.5, datetime(2026, 9, 17)]])), part, spoiled)
    try:
        read_file(path, "book.xlsx")
    except RefusedFile as refusal:
        assert str(refusal).endswith(".")
