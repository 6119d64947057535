"""CSV files: encodings, delimiters, records of several lines, and what is refused."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.spreadsheets.plan import RefusedFile
from data.spreadsheets.sheets import Sheet

Read = Callable[..., Sheet]
PEOPLE = "ID;ФИО;Школа;Стаж\n1;Ёлкина Анна;«Школа № 1»;7,5\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_every_encoding_reads_the_same(csv_sheet: Read, encoding: str) -> None:
    sheet = csv_sheet(PEOPLE, encoding)
    assert sheet.rows == ((1, ("ID", "ФИО", "Школа", "Стаж")), (2, ("1", "Ёлкина Анна", "«Школа № 1»", "7,5")))


def test_utf_16_of_either_byte_order_is_read_by_its_mark(csv_sheet: Read) -> None:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert csv_sheet(mark + PEOPLE.encode(encoding)).rows[1][1][1] == "Ёлкина Анна"


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_the_delimiter_is_found_by_the_known_column_names(csv_sheet: Read, delimiter: str) -> None:
    text = "Список; составлен, сегодня\n" + delimiter.join(["ID", "ФИО", "Школа"]) + "\n" + delimiter.join("123")
    sheet = csv_sheet(text)
    assert sheet.delimiter == delimiter and sheet.rows[1] == (2, ("ID", "ФИО", "Школа"))


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;", "sep=;\r"])
def test_a_first_line_that_announces_the_delimiter_counts_as_a_line(csv_sheet: Read, line: str) -> None:
    sheet = csv_sheet(f"{line}\nID;ФИО, полностью;Школа\n1;А;Б\n")
    assert sheet.rows[0] == (2, ("ID", "ФИО, полностью", "Школа"))


def test_a_line_is_the_physical_line_on_which_a_record_begins(csv_sheet: Read) -> None:
    sheet = csv_sheet('ID;ФИО;Школа\r\n1;А;"Школа\r\n№ 1"\r\n\r\n;;\r\n2;Б;В\r\n')
    assert [(line, cells[-1]) for line, cells in sheet.rows] == [(1, "Школа"), (2, "Школа № 1"), (6, "В")]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_line_ending_is_one_line(csv_sheet: Read, ending: str) -> None:
    assert [line for line, _ in csv_sheet(PEOPLE.replace("\n", ending)).rows] == [1, 2]


@pytest.mark.parametrize("text", ['ID;ФИО;Школа\n1;А;"Б\n2;В;Г\n', 'ID;ФИО;Школа\n1;"А;Б\n2;"В";Г\n'])
def test_a_quotation_mark_that_swallows_rows_is_refused_with_its_line(csv_sheet: Read, text: str) -> None:
    with pytest.raises(RefusedFile, match="В строке 2 открыта кавычка"):
        csv_sheet(text)


def test_quotation_marks_inside_a_cell_do_no_harm(csv_sheet: Read) -> None:
    sheet = csv_sheet('ID;ФИО;Школа\n1;А;МБОУ "Школа № 1"\n2;Б;"МБОУ ""Школа"""\n')
    assert [cells[2] for _, cells in sheet.rows[1:]] == ['МБОУ "Школа № 1"', 'МБОУ "Школа"']


def test_the_apostrophe_before_a_text_like_a_formula_is_no_part_of_it(csv_sheet: Read) -> None:
    assert csv_sheet("ID;ФИО;Школа\n1;'=А;д'Артаньян\n").rows[1][1] == ("1", "=А", "д'Артаньян")


@pytest.mark.parametrize(
    "content",
    [b"", b"\xef\xbb\xbf", b"\n\n\r\n", b";;;\n;;\n", b"sep=;\n"],
    ids=["no bytes", "mark", "lines", "delimiters", "sep"],
)
def test_an_empty_file_is_refused(csv_sheet: Read, content: bytes) -> None:
    with pytest.raises(RefusedFile, match="Файл пустой"):
        csv_sheet(content)


@pytest.mark.parametrize(
    "content",
    [b"ID;\x00;A\n", b"\x89PNG\r\n\x1a\n\x00\x00", b"\xff\xfe\x00\x00", b"ID;\x98;A\xff\n"],
    ids=["null", "picture", "utf-32", "undefined byte"],
)
def test_bytes_that_no_text_has_are_refused(csv_sheet: Read, content: bytes) -> None:
    with pytest.raises(RefusedFile, match="не текст"):
        csv_sheet(content)


@pytest.mark.parametrize("start", ["<!DOCTYPE html>", "  <html>", "<?xml version='1.0'?>", "{\\rtf1", "%PDF-1.7"])
def test_another_format_under_the_name_is_refused(csv_sheet: Read, start: str) -> None:
    with pytest.raises(RefusedFile, match="не таблица CSV"):
        csv_sheet(start + PEOPLE)


@pytest.mark.parametrize("name", ["file.doc", "file", "file.xls", "file.xlsm"])
def test_another_name_is_refused(csv_sheet: Read, name: str) -> None:
    with pytest.raises(RefusedFile, match="сохраните"):
        csv_sheet(PEOPLE, name=name)


def test_csv_under_the_name_of_a_workbook_is_refused(csv_sheet: Read) -> None:
    with pytest.raises(RefusedFile, match="не книга Excel"):
        csv_sheet(PEOPLE, name="people.xlsx")


def test_too_many_columns_are_refused(csv_sheet: Read) -> None:
    with pytest.raises(RefusedFile, match="столбцов"):
        csv_sheet(PEOPLE + ";".join("x" * 600))


def test_a_field_without_end_is_refused(csv_sheet: Read) -> None:
    with pytest.raises(RefusedFile, match="В строке 2"):
        csv_sheet('ID;ФИО;Школа\n1;А;"' + "Б" * 140_000 + '"\n')


TEXTS = st.text(alphabet=st.sampled_from('ID;ФИО,Школа"\n\r\t =-+@\u00a0ё1\x00\ufeff'), max_size=120)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.one_of(st.binary(max_size=200), TEXTS.map(str.encode), TEXTS.map(lambda text: text.encode("utf-16"))))
def test_any_bytes_are_read_or_refused_with_a_sentence(csv_sheet: Read, content: bytes) -> None:
    try:
        sheet = csv_sheet(content)
    except RefusedFile as refusal:
        assert str(refusal).endswith(".")
    else:
        lines = [line for line, _ in sheet.rows]
        assert lines == sorted(set(lines)) and all(cells[-1] is not None for _, cells in sheet.rows)
