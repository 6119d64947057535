"""Where the header is, what its columns are taken for, and which table a sheet is."""

from collections.abc import Callable
from typing import Any

import pytest

from data.spreadsheets.choice import choose_sheets
from data.spreadsheets.headers import columns_of, find_header, names_of, recognise
from data.spreadsheets.plan import RefusedFile
from data.spreadsheets.readers import read_file
from data.spreadsheets.schemas import TABLES
from data.spreadsheets.sheets import Sheet
from recommender.framework import Competency, Framework

Read = Callable[..., Sheet]
PEOPLE = names_of(TABLES["people"])
HEADER = "ID;ФИО;Школа;Стаж"
ROW = "1;Ёлкина Анна;«Школа № 1»;7"


def wide(framework: Framework) -> Any:
    return names_of(TABLES["diagnostics"], framework)


def test_titles_above_the_header_are_skipped(csv_sheet: Read) -> None:
    columns = columns_of(csv_sheet(f"Список педагогов\n\nпо состоянию;01.09.2026\n{HEADER}\n{ROW}\n"), PEOPLE)
    assert columns.taken == {
        "ID": "external_id",
        "ФИО": "full_name",
        "Школа": "organisation",
        "Стаж": "experience_years",
    }
    assert columns.header.data == 3


@pytest.mark.parametrize("field", TABLES["people"].fields)
def test_every_synonym_is_known_in_any_case_with_colons_dots_and_spaces(csv_sheet: Read, field: str) -> None:
    others = [
        name for name, of in (("ФИО", "full_name"), ("Имя", "first_name"), ("Стаж", "experience_years")) if of != field
    ]
    for name in TABLES["people"].fields[field]:
        written = f" {name.upper().replace(' ', '  ')}. : "
        header = [*others, "Муниципалитет" if field != "municipality" else "Школа", written]
        columns = columns_of(csv_sheet(";".join(header) + "\n" + ";".join("1" for _ in header)), PEOPLE)
        assert columns.header.headings[columns.fields[field]].name == " ".join(written.split())


def test_two_known_names_make_no_header(csv_sheet: Read) -> None:
    with pytest.raises(RefusedFile, match="нет строки с названиями столбцов таблицы «педагоги»"):
        columns_of(csv_sheet("ФИО;Школа;Что-то\nА;Б;В\n"), PEOPLE)


def test_a_header_without_rows_is_refused(csv_sheet: Read) -> None:
    with pytest.raises(RefusedFile, match="под заголовком нет ни одной строки"):
        columns_of(csv_sheet(HEADER + "\n;;;\n"), PEOPLE)


def test_two_columns_for_one_field_are_refused_unless_one_is_mapped_away(csv_sheet: Read) -> None:
    sheet = csv_sheet("ID;ФИО;Школа;Стаж;Педагогический стаж\n1;А;Б;20;7\n")
    with pytest.raises(RefusedFile, match="«Стаж» и «Педагогический стаж» значат одно и то же"):
        columns_of(sheet, PEOPLE)
    columns = columns_of(sheet, names_of(TABLES["people"], mapping={"Стаж": ""}))
    assert columns.fields["experience_years"] == 4 and columns.ignored == ("Стаж",)


def test_a_mapping_by_hand_goes_before_the_names(csv_sheet: Read) -> None:
    names = names_of(TABLES["people"], mapping={"Сотрудник": "full_name", "стаж:": "position"})
    columns = columns_of(csv_sheet("ID;Сотрудник;Школа;Стаж\n1;А;Б;учитель\n"), names)
    assert columns.fields == {"external_id": 0, "full_name": 1, "organisation": 2, "position": 3}


def test_a_mapping_to_an_unknown_field_is_refused() -> None:
    with pytest.raises(RefusedFile, match="сопоставлен с «salary»"):
        names_of(TABLES["people"], mapping={"Оклад": "salary"})


def test_unknown_columns_are_ignored_and_named_and_nameless_ones_are_not(csv_sheet: Read) -> None:
    assert columns_of(csv_sheet(f"{HEADER};Оклад;;Примечание\n{ROW};1;2;3\n"), PEOPLE).ignored == (
        "Оклад",
        "Примечание",
    )


def test_a_header_of_two_rows_is_joined_without_merges(csv_sheet: Read, framework: Framework) -> None:
    text = (
        "Итоги\nID;ФИО;Дата диагностики;Предметные;;ИТ;;Комментарий\n"
        ";;;МАТ-1;Функции;Цифровые ресурсы;ЦИФ-3;\n1;А;01.09.2026;1;2;3;4;!\n"
    )
    columns = columns_of(csv_sheet(text), wide(framework))
    assert [heading.name for heading in columns.header.headings[3:]] == [
        "Предметные / МАТ-1", "Предметные / Функции", "ИТ / Цифровые ресурсы", "ИТ / ЦИФ-3", "Комментарий",
    ]  # fmt: skip
    assert dict(columns.competencies) == {"МАТ-1": 3, "МАТ-3": 4, "ЦИФ-2": 5, "ЦИФ-3": 6}
    assert columns.header.data == 3 and columns.ignored == ("Комментарий",)


def test_a_group_over_the_person_columns_is_joined_by_its_merge(
    workbook: Callable[..., Any], framework: Framework
) -> None:
    def fill(book: Any) -> None:
        page = book.add_worksheet("Лист")
        page.merge_range("A1:E1", "Результаты диагностики")
        page.merge_range("A2:C2", "Педагог")
        page.merge_range("D2:E2", "Предметные")
        page.write_row(2, 0, ["ID", "ФИО", "Дата диагностики", "МАТ-1", "МАТ-2"])
        page.write_row(3, 0, ["1", "А", "01.09.2026", 50, 60])

    (sheet,) = read_file(workbook(fill=fill), "book.xlsx")
    columns = columns_of(sheet, wide(framework))
    assert [heading.name for heading in columns.header.headings] == [
        "Педагог / ID", "Педагог / ФИО", "Педагог / Дата диагностики", "Предметные / МАТ-1", "Предметные / МАТ-2",
    ]  # fmt: skip
    assert dict(columns.competencies) == {"МАТ-1": 3, "МАТ-2": 4} and columns.header.data == 3


def test_a_first_row_of_data_is_never_taken_for_the_lower_half_of_a_header(
    csv_sheet: Read, framework: Framework
) -> None:
    sheet = csv_sheet("ID;ФИО;Дата диагностики;МАТ-1;МАТ-2\n;;;н/п;–\n1;А;01.09.2026;1;2\n")
    header = find_header(sheet, wide(framework))
    assert header is not None and header.headings[3].upper == "МАТ-1"
    sheet = csv_sheet("ID;ФИО;Школа;Стаж\nК-1;Анна;Школа;–\n")
    header = find_header(sheet, PEOPLE)
    assert header is not None and header.height == 1


def test_a_title_that_several_competencies_bear_is_told_apart_by_its_group(csv_sheet: Read) -> None:
    twins = Framework(
        "f", "1", (Competency("А-1", "Оценивание", "Методические"), Competency("Б-1", "Оценивание", "Цифровые"))
    )
    grouped = "ID;ФИО;Дата диагностики;Цифровые\n;;;Оценивание\n1;А;01.09.2026;1\n"
    assert columns_of(csv_sheet(grouped), wide(twins)).competencies == (("Б-1", 3),)
    with pytest.raises(RefusedFile, match="А-1, Б-1"):
        columns_of(csv_sheet("ID;ФИО;Дата диагностики;Оценивание\n1;А;01.09.2026;1\n"), wide(twins))


@pytest.mark.parametrize(
    ("header", "table"),
    [
        ("ID;ФИО;Школа;Район", "people"),
        ("Фамилия;Имя;Отчество;Школа", "people"),
        ("ID;ФИО;Дата диагностики;МАТ-1", "diagnostics"),
        ("ФИО;ОО;Дата диагностики;Компетенция;Процент", "diagnostics"),
        ("Код;Название;Область;Предмет", "competencies"),
        ("Тип;Название;Организатор;Часы", "activities"),
        ("ID;ФИО;Школа;Согласие", "mentors"),
        ("Кто;С кем;Вид", "wishes"),
        ("Год;Что;Сколько;Почём", None),
    ],
)
def test_a_sheet_is_recognised_by_its_columns(
    csv_sheet: Read, framework: Framework, header: str, table: str | None
) -> None:
    assert recognise(csv_sheet(f"Заголовок\n{header}\n1;2;3;4\n"), framework) == table


def test_sheets_of_other_tables_and_without_header_or_rows_are_skipped_and_named(
    workbook: Callable[..., Any], framework: Framework
) -> None:
    people = [["ID", "ФИО", "Школа"], ["1", "А", "Б"]]
    path = workbook(
        ("Педагоги", people),
        ("Титул", [["Отчёт"]]),
        ("Пустой", people[:1]),
        ("Курсы", [["Тип", "Название", "Организатор"], ["семинар", "А", "Б"]]),
        ("Управленцы", people),
    )
    sheets = read_file(path, "book.xlsx")
    choice = choose_sheets(sheets, "people", framework)
    assert [sheet.title for sheet in choice.sheets] == ["Педагоги", "Управленцы"]
    assert [title for title, _ in choice.skipped] == ["Титул", "Пустой", "Курсы"]
    assert [sheet.title for sheet in choose_sheets(sheets, "people", framework, only=" управленцы").sheets] == [
        "Управленцы"
    ]
    with pytest.raises(RefusedFile, match="Листа «Нет такого» в файле нет. Видимые листы: «Педагоги»"):
        choose_sheets(sheets, "people", framework, only="Нет такого")
    with pytest.raises(RefusedFile, match="В книге нет таблицы «компетенции»"):
        choose_sheets(sheets, "competencies", framework)
