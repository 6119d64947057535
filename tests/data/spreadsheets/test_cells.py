"""Single cells: what a number, a per cent, a date and a text are, and the sentence for each that is not."""

import math
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.spreadsheets.cells import (
    Bad,
    Born,
    Cell,
    born,
    cleaned,
    day,
    header_key,
    is_not_measured,
    number,
    shown,
    text,
    whole,
)
from data.spreadsheets.measures import read_result


def percent(cell: Cell) -> float | Bad:
    """Return a result as a plain column of per cents has it."""
    value = read_result(cell)
    return value if isinstance(value, Bad) else value[0]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (5, 5),
        (0.85, 0.85),
        ("0,85", 0.85),
        ("0.85", 0.85),
        ("1 000", 1000),
        ("12 345 678,5", 12345678.5),
        ("-3", -3),
        ("−3", -3),
        ("+7", 7),
    ],
)
def test_numbers_are_read_with_point_or_comma_and_spaces_between_thousands(cell: object, value: float) -> None:
    assert number(cell) == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "cell",
    [
        "восемьдесят",
        "",
        "1e3",
        "NaN",
        "nan",
        "inf",
        "1,2,3",
        "1 00",
        "5,",
        ",5",
        "٣ шт",
        True,
        False,
        "9" * 400,
        math.nan,
        math.inf,
    ],
)
def test_what_is_no_number_is_bad(cell: object) -> None:
    bad = number(cell)  # type: ignore[arg-type]
    assert isinstance(bad, Bad) and bad.code == "not_number" and bad.message.endswith("не число")


def test_dates_and_times_are_no_numbers() -> None:
    assert number(date(2026, 5, 12)) == Bad("not_number", "«12.05.2026» не число")
    assert isinstance(number(time(12, 5)), Bad)


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#Н/Д", "#ЗНАЧ!"])
def test_error_cells_are_bad_in_every_field(error: str) -> None:
    for reader in (number, percent, day, lambda cell: text(cell, 100)):
        assert reader(error) == Bad("cell_error", f"в ячейке ошибка {error}")


@pytest.mark.parametrize(
    ("cell", "value"), [("85%", 85), ("85 %", 85), ("0.85", 0.85), (0.85, 0.85), (100, 100), (0, 0), ("59,5", 59.5)]
)
def test_per_cents_are_read_as_they_are_written(cell: object, value: float) -> None:
    assert percent(cell) == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (112, "112 больше 100"),
        ("104.5", "104,5 больше 100"),
        (107.5, "107,5 больше 100"),
        (-12, "-12 меньше 0"),
        ("−12", "-12 меньше 0"),
        ("112%", "112 больше 100"),
        ("%", "«%» не число"),
        ("много%", "«много%» не число"),
        (True, "«ИСТИНА» не число"),
    ],
)
def test_per_cents_out_of_bounds_are_told_with_their_value(cell: object, message: str) -> None:
    bad = percent(cell)  # type: ignore[arg-type]
    assert isinstance(bad, Bad) and bad.message == message


def test_whole_numbers_have_no_fraction() -> None:
    assert whole("25,0", 0) == 25
    assert whole("16,5", 0) == Bad("not_whole", "16,5 не целое число")
    assert whole(25, 0, 20) == Bad("too_large", "25 больше 20")


@pytest.mark.parametrize(
    "cell",
    [
        date(2026, 9, 17),
        datetime(2026, 9, 17, 10, 30),
        "17.09.2026",
        "17.9.2026",
        "17.09.2026 10:30",
        "2026-09-17",
        "2026-09-17T10:30:00",
        "2026-09-17 10:30:00.000",
        "2026-09-17T10:30:00Z",
        "2026-09-17T10:30:00+12:00",
        "17.09.26",
        "17 сентября 2026 г.",
        "17/09/2026",
        "9/17/2026",
        "2026/09/17 10:12 GMT+3",
        "17.09.2026 0:00:00",
        "17 Сен 2026 17:07",
        20260917,
        46282,
        46282.4375,
        "46282",
    ],
)
def test_dates_are_read_from_cells_serials_and_texts_with_or_without_time(cell: object) -> None:
    assert day(cell) == date(2026, 9, 17)  # type: ignore[arg-type]


def test_a_serial_counts_from_1904_in_a_workbook_that_says_so() -> None:
    assert day(46282 - 1462, mac_dates=True) == date(2026, 9, 17)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("31.02.2026", "даты 31.02.2026 нет"),
        ("2026-02-31", "даты 2026-02-31 нет"),
        ("17.09.2026 25:00", "даты 17.09.2026 25:00 нет"),
        ("вчера", "«вчера» не дата"),
        ("17/19/2026", "даты 17/19/2026 нет"),
        (2026, "«2026» – год, а нужна дата"),
        (1899, "«1899» не дата"),
        (0, "«0» не дата"),
        (-5, "«-5» не дата"),
        (10**9, "«1000000000» не дата"),
        (True, "«ИСТИНА» не дата"),
        (time(10, 30), "«10:30:00» не дата"),
        ("01.01.0026", "дата 01.01.0026 вне 1900–2100 годов"),
    ],
)
def test_impossible_dates_are_told(cell: object, message: str) -> None:
    bad = day(cell)  # type: ignore[arg-type]
    assert isinstance(bad, Bad) and bad.message == message


def test_a_bare_year_is_a_birth_and_another_number_a_serial() -> None:
    assert born(1985) == born("1985") == Born(1985)
    assert born(31169) == born("02.05.1985") == Born(1985, date(1985, 5, 2))
    assert isinstance(born(1899), Bad) and isinstance(born("30.02.1987"), Bad)


@pytest.mark.parametrize(
    "cell",
    [
        None,
        "-",
        "–",
        "—",
        "−",
        "‐",
        "н/п",
        "Н/П",
        "не применимо",
        "Не  применимо",
        "н/а",
        "NA",
        "не проходил",
        "неявка",
    ],
)
def test_dashes_and_not_applicable_are_not_measured(cell: str | None) -> None:
    assert is_not_measured(cell)


@pytest.mark.parametrize("cell", ["--", "нет", "н/ц", 0, "0"])
def test_other_texts_and_zero_are_measured(cell: object) -> None:
    assert not is_not_measured(cell)  # type: ignore[arg-type]


def test_texts_are_stored_without_invisible_characters_and_runs_of_spaces() -> None:
    assert cleaned(" Иванова\u00a0\u200bИрина \n  Юрь\u00adевна\ufeff ") == "Иванова Ирина Юрьевна"
    assert cleaned("и\u0306е\u0308") == "йё"
    assert cleaned("а\x00б\x07в") == "абв"


def test_column_names_are_compared_without_case_dots_colons_and_yo() -> None:
    assert header_key("Дата  рождения: ") == header_key("ДАТА РОЖДЕНИЯ")
    assert header_key("М.О.") == header_key("МО")
    assert header_key("Зачёт") == header_key("зачет")


def test_whole_numbers_in_text_fields_have_no_fraction() -> None:
    assert text(1001.0, 64) == "1001"
    assert text("я" * 65, 64) == Bad("too_long", "текст длиннее 64 знаков")
    assert text(True, 64) == Bad("not_text", "«ИСТИНА» не текст")


@given(st.decimals(min_value=0, max_value=100, places=3))
def test_a_shown_number_reads_back_as_itself(value: object) -> None:
    exact = float(value)  # type: ignore[arg-type]
    assert percent(shown(exact)) == pytest.approx(exact, abs=1e-9)


@given(st.text(max_size=80))
def test_cleaning_twice_changes_nothing_more(raw: str) -> None:
    assert cleaned(cleaned(raw)) == cleaned(raw)


@given(st.one_of(st.text(max_size=40), st.floats(), st.integers(), st.booleans(), st.datetimes()))
def test_no_cell_whatever_breaks_a_reader(cell: Cell) -> None:
    for reader in (number, percent, day, born, is_not_measured, shown):
        reader(cell)
