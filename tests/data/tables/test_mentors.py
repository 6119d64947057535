"""The tables of mentors, and of wishes and bans."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from data.spreadsheets.plan import SheetPlan
from data.spreadsheets.sheets import Sheet
from data.tables.mentors import plan_mentors
from data.tables.rows import KnownMentor, KnownPerson, KnownWish, MentorRow, PersonRow, WishRow
from data.tables.wishes import plan_wishes
from recommender.framework import Framework

Read = Callable[..., Sheet]
MENTORS = "ID;Мест;Сильные компетенции;Предметы;Формат;Конкурсный отбор;Согласие"
PEOPLE = [
    KnownPerson(n, PersonRow(name, "Школа", f"К-{n}"))
    for n, name in enumerate(["Ёлкина Анна", "Соснов Пётр", "Дубов Илья", "Дубов Илья"], start=1)
]


def told(plan: SheetPlan[Any]) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.column, fault.message) for fault in plan.faults]


def mentors(csv_sheet: Read, framework: Framework, *rows: str, known: Any = None) -> SheetPlan[MentorRow]:
    return plan_mentors(csv_sheet("\n".join([MENTORS, *rows])), framework, PEOPLE, known or {})


def wishes(csv_sheet: Read, *rows: str, known: Any = None, of: Sequence[int] = (2, 3, 4)) -> SheetPlan[WishRow]:
    mentors = {person: KnownMentor(person, MentorRow(person, consent=True)) for person in of}
    return plan_wishes(csv_sheet("\n".join(["Кто;С кем;Вид", *rows])), PEOPLE, mentors, known or {})


def test_a_mentor_is_read_with_defaults_for_empty_cells(csv_sheet: Read, framework: Framework) -> None:
    plan = mentors(csv_sheet, framework, 'К-1;0;"МАТ-1; Функции";Физика;очно;да;Да', "К-2;;;;;;")
    assert [planned.row for planned in plan.rows] == [
        MentorRow(1, 0, ("МАТ-1", "МАТ-3"), ("Физика",), ("in_person",), True, True),
        MentorRow(2),
    ]


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("К-1;25;;;;;", "Мест", "25 больше 20"),
        ("К-1;2,5;;;;;", "Мест", "2,5 не целое число"),
        ("К-1;;ЦИФ-88;;;;", "Сильные компетенции", "компетенции ЦИФ-88 нет"),
        ("К-1;;;;заочно;;", "Формат", "значения «заочно» нет в перечне: очно, дистанционно, оба; похоже на «очно»"),
        ("К-1;;;;;может быть;", "Конкурсный отбор", "значения «может быть» нет в перечне: да, нет"),
        ("К-9;;;;;;да", "ID", "педагога с таким кодом нет"),
    ],
)
def test_faults_of_a_mentor(csv_sheet: Read, framework: Framework, row: str, column: str, message: str) -> None:
    plan = mentors(csv_sheet, framework, row)
    assert told(plan) == [(2, column, message)] and not plan.rows


def test_mentors_are_new_changed_unchanged_repeated_or_contradictory(csv_sheet: Read, framework: Framework) -> None:
    known = {1: KnownMentor(10, MentorRow(1, consent=True)), 2: KnownMentor(11, MentorRow(2, 3))}
    rows = ["К-1;;;;;;да", "К-2;4;;;;;", "К-3;;;;;;да", "К-3;;;;;;да", "К-3;;;;;;нет"]
    plan = mentors(csv_sheet, framework, *rows, known=known)
    assert [(planned.target, planned.changes) for planned in plan.rows] == [(10, ()), (11, ("places",)), (None, ())]
    assert (plan.accepted, plan.unchanged) == (4, 2)
    assert told(plan) == [(6, "Согласие", "строка 4 говорит об этом человеке другое")]


def test_wishes_name_people_by_id_or_full_name(csv_sheet: Read) -> None:
    plan = wishes(csv_sheet, "К-1;соснов петр;Желательно", "Ёлкина Анна;К-3;запрещено", "К-1;К-2;желательно")
    assert [planned.row for planned in plan.rows] == [WishRow(1, 2, "wanted"), WishRow(1, 3, "banned")]
    assert (plan.accepted, plan.unchanged) == (3, 1)


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("К-9;К-2;желательно", "Кто", "педагога с таким кодом нет"),
        ("Никто Нигде;К-2;желательно", "Кто", "педагога «Никто Нигде» нет"),
        ("К-1;Дубов Илья;желательно", "С кем", "таких педагогов 2: укажите код"),
        ("К-2;К-1;желательно", "С кем", "этого педагога нет среди наставников"),
        ("К-2;К-2;желательно", "С кем", "педагог не может быть наставником самому себе"),
        (";К-2;желательно", "Кто", "не указано, кто"),
        (
            "К-1;К-2;всё равно",
            "Вид",
            "значения «всё равно» нет в перечне: желательно, нежелательно, запрещено, закреплено",
        ),
        ("К-1;К-2;", "Вид", "вид не указан"),
    ],
)
def test_faults_of_a_wish(csv_sheet: Read, row: str, column: str, message: str) -> None:
    assert told(wishes(csv_sheet, row)) == [(2, column, message)]


def test_rows_that_contradict_one_another_are_all_faults(csv_sheet: Read) -> None:
    plan = wishes(csv_sheet, "К-1;К-2;желательно", "К-1;К-2;запрещено", "К-4;К-2;закреплено", "К-4;К-3;закреплено")
    assert [(line, column) for line, column, _ in told(plan)] == [(line, "Вид") for line in (2, 3, 4, 5)]
    assert told(plan)[2][2] == "строка 5 закрепляет за педагогом другого наставника"


def test_a_known_wish_stays_or_changes(csv_sheet: Read) -> None:
    known = {(1, 2): KnownWish(5, "wanted"), (1, 3): KnownWish(6, "wanted")}
    plan = wishes(csv_sheet, "К-1;К-2;желательно", "К-1;К-3;запрещено", known=known)
    assert [(planned.target, planned.changes) for planned in plan.rows] == [(5, ()), (6, ("kind",))]
