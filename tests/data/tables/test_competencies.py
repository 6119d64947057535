"""The competencies table."""

from collections.abc import Callable

from data.spreadsheets.sheets import Sheet
from data.tables.competencies import plan_competencies
from data.tables.rows import CompetencyRow, KnownCompetency

Read = Callable[..., Sheet]
TEXT = "Код;Название;Область;Предмет\nА-1;Счёт;Предметные;Математика\n"


def test_rows_are_new_changed_or_unchanged(csv_sheet: Read) -> None:
    sheet = csv_sheet(TEXT + "А-2;Письмо;Предметные;\nА-3;Слух;Новая;\n")
    known = {
        "а-1": KnownCompetency(1, CompetencyRow("А-1", "счет", "Предметные", "Математика")),
        "А-2": KnownCompetency(2, CompetencyRow("А-2", "Чтение", "Предметные")),
    }
    plan = plan_competencies(sheet, known)
    assert [(planned.target, planned.changes) for planned in plan.rows] == [(1, ()), (2, ("title",)), (None, ())]
    assert (plan.accepted, plan.unchanged) == (3, 1)


def test_missing_cells_and_contradictions_are_faults_and_repetitions_are_not(csv_sheet: Read) -> None:
    plan = plan_competencies(
        csv_sheet(TEXT + "А-1;счет;предметные;математика\nа-1;Другое;Предметные;Математика\n;;;х\n"), {}
    )
    assert [(fault.line, fault.column, fault.message) for fault in plan.faults] == [
        (4, "Название", "строка 2 говорит об этой компетенции другое"),
        (5, "Код", "код не указан"),
        (5, "Название", "название не указано"),
        (5, "Область", "область не указана"),
    ]
    assert (plan.accepted, plan.unchanged, len(plan.rows)) == (2, 1, 1)
