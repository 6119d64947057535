"""Imports as verbs: planned, applied, applied again, taken back, dropped; on both kinds of database."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.access import Access
from api.errors import Conflict, InvalidInput, NotFound
from api.identity import Grant, Identity, Scope
from api.imports import operations
from api.imports.planning import FileToPlan, plan_sheet
from api.policy import Action
from models.activities import load_activities
from models.diagnostics import ResultRecord, results_of
from models.imports import ImportRecord, changes_of
from models.jobs import DRAFT_ROUTES, JobRecord
from models.journal import JournalRecord
from models.people import PersonRecord, people_of
from models.routes import RouteRecord
from models.session import Session, Sessions
from models.territories import IMPORTED, competency_records, versions_of

TERRITORY = "kamchatka"
ALL = [Scope(TERRITORY)]

PEOPLE = """ID;ФИО;Дата рождения;Предмет;Организация;Муниципалитет
К-1;Ёлкина Анна Петровна;1990;Математика;Школа № 1;Елизовский район
К-2;Борисов Пётр Ильич;12.03.1985;Русский язык;Школа № 1;Елизовский район
К-3;Без Школы;;;;Елизовский район
"""
RESULTS = """ID;Дата диагностики;Компетенция;Процент
К-1;01.10.2026;МАТ-3;31
К-1;01.10.2026;МЕТ-2;55
К-2;01.10.2026;РУС-1;40
"""
ACTIVITIES = """Код;Тип;Название;Организатор;Часы;Форма обучения;Компетенции;Дата начала;Дата окончания
П-1;программа ПК;Функции в школе;ИРО;36;дистанционная;МАТ-3;01.12.2026;20.12.2026
П-1;программа ПК;Функции в школе;ИРО;36;дистанционная;МАТ-3;01.02.2027;20.02.2027
П-2;семинар;Критериальное оценивание на уроке;ИРО;8;дистанционная;;;
"""


class Files:
    """Plans and applies texts as files, the way pages and commands do."""

    def __init__(self, session: Session, actor: Identity, folder: Path) -> None:
        self.session, self.actor, self.folder, self.uploads = session, actor, folder, folder / "uploads"

    def plan(self, table: str, text: str, **more: Any) -> operations.PlannedImport:
        path = self.folder / f"{table}.csv"
        path.write_text(text)
        asked = FileToPlan(**{"territory": TERRITORY, "table": table, "path": path, "file_name": path.name, **more})
        return operations.plan_import(
            self.session, Access(self.actor, Action.IMPORTS_PLAN), asked, uploads=self.uploads
        )

    def apply(self, table: str, text: str, **more: Any) -> ImportRecord:
        planned = self.plan(table, text, **more)
        return operations.apply_import(
            self.session, Access(self.actor, Action.IMPORTS_APPLY), planned.record.id, uploads=self.uploads
        )

    def undo(self, record: ImportRecord) -> ImportRecord:
        return operations.undo_import(self.session, Access(self.actor, Action.IMPORTS_UNDO), record.id)


@pytest.fixture
def files(session: Session, operator: Identity, tmp_path: Path) -> Files:
    return Files(session, operator, tmp_path)


def test_a_plan_writes_nothing_but_itself(files: Files, session: Session) -> None:
    planned = files.plan("people", PEOPLE)
    assert planned.record.summary["sheets"][0]["accepted"] == 2
    assert planned.record.state == "planned"
    assert people_of(session, ALL) == []


def test_applying_writes_the_accepted_rows(files: Files, session: Session) -> None:
    record = files.apply("people", PEOPLE)
    anna, peter = people_of(session, ALL)
    assert (anna.full_name, anna.birth_year, anna.birth_date, anna.kind) == (
        "Ёлкина Анна Петровна",
        1990,
        None,
        "teacher",
    )
    assert (peter.birth_year, peter.subjects, peter.organisation_key) == (1985, ["Русский язык"], "школа № 1")
    assert "елкина" in anna.search_key and ";математика;" in anna.search_key
    assert record.state == "applied" and record.applied_at is not None
    assert [change.before for change in changes_of(session, record.id)] == [None, None]


def test_the_same_file_applied_twice_changes_nothing(files: Files, session: Session) -> None:
    for table, text in (("people", PEOPLE), ("diagnostics", RESULTS), ("activities", ACTIVITIES)):
        files.apply(table, text)
        again = files.apply(table, text)
        sheet = again.summary["sheets"][0]
        assert sheet["unchanged"] == sheet["accepted"] > 0
        assert list(changes_of(session, again.id)) == []


def test_an_import_that_came_in_between_is_seen(
    files: Files, session: Session, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = files.plan("people", PEOPLE).record
    session.commit()
    rivals: list[Files] = []

    def disturbed(*arguments: Any) -> Any:
        plan = plan_sheet(*arguments)
        if not rivals:
            rivals.append(Files(sessions(), files.actor, files.folder))
            rivals[0].apply("people", PEOPLE.replace("К-1;", ";"))
            rivals[0].session.commit()
            rivals[0].session.close()
        return plan

    monkeypatch.setattr(operations, "plan_sheet", disturbed)
    operations.apply_import(session, Access(files.actor, Action.IMPORTS_APPLY), record.id, uploads=files.uploads)
    session.commit()
    assert sorted((p.full_name, p.external_id) for p in people_of(session, ALL)) == [
        ("Ёлкина Анна Петровна", "К-1"),
        ("Борисов Пётр Ильич", "К-2"),
    ]


def test_a_change_keeps_what_the_file_does_not_say(files: Files, session: Session) -> None:
    files.apply("people", PEOPLE)
    changed = (
        "ID;ФИО;Организация;Муниципалитет;Должность\nК-1;Ёлкина Анна Петровна;Школа № 2;Елизовский район;учитель\n"
    )
    files.apply("people", changed)
    anna = people_of(session, ALL)[0]
    assert (anna.organisation, anna.organisation_key, anna.position) == ("Школа № 2", "школа № 2", "учитель")
    assert (anna.subjects, anna.birth_year) == (["Математика"], 1990)
    assert "школа № 2" in anna.search_key and ";математика;" in anna.search_key


def test_results_ask_for_the_drafts_of_their_people(files: Files, session: Session) -> None:
    files.apply("people", PEOPLE)
    assert not session.query(JobRecord).all()
    files.apply("diagnostics", RESULTS)
    [job] = session.query(JobRecord)
    assert (job.kind, job.arguments["people"]) == (DRAFT_ROUTES, [person.id for person in people_of(session, ALL)])


def test_a_corrected_result_is_changed_in_place_and_can_be_taken_back(files: Files, session: Session) -> None:
    files.apply("people", PEOPLE)
    files.apply("diagnostics", RESULTS)
    before = results_of(session, ALL)
    record = files.apply("diagnostics", RESULTS.replace(";31", ";37,5"))
    assert record.summary["sheets"][0]["unchanged"] == 2
    assert {result.percent for own in results_of(session, ALL).values() for result in own} == {37.5, 55, 40}
    files.undo(record)
    assert results_of(session, ALL) == before


def test_untagged_activities_get_proposed_tags(files: Files, session: Session) -> None:
    files.apply("activities", ACTIVITIES)
    tagged, untagged = load_activities(session, TERRITORY)
    assert tagged.develops == (("МАТ-3", 1.0),) and not tagged.proposed and len(tagged.deliveries) == 2
    assert not untagged.develops and untagged.proposed


def test_activities_taken_back_leave_the_catalogue_as_it_was(files: Files, session: Session) -> None:
    files.apply("activities", ACTIVITIES)
    before = load_activities(session, TERRITORY)
    changed = ACTIVITIES.replace("01.02.2027;20.02.2027", "01.03.2027;20.03.2027").replace(";8;", ";12;")
    record = files.apply("activities", changed)
    assert load_activities(session, TERRITORY) != before
    files.undo(record)
    assert load_activities(session, TERRITORY) == before


def test_versions_grow_with_every_change(files: Files, session: Session) -> None:
    start = versions_of(session, TERRITORY)
    files.apply("people", PEOPLE)
    assert versions_of(session, TERRITORY) == (start[0], start[1] + 1)
    files.apply("activities", ACTIVITIES)
    assert versions_of(session, TERRITORY) == (start[0] + 1, start[1] + 1)


def test_competencies_of_an_import_join_the_framework_and_can_be_taken_back(files: Files, session: Session) -> None:
    text = "Код;Название;Область;Предмет\nНОВ-1;Робототехника на уроке;Предметные;Технология\n"
    record = files.apply("competencies", text)
    assert competency_records(session, TERRITORY)["НОВ-1"].framework == IMPORTED
    files.apply("people", PEOPLE)
    files.apply("diagnostics", "ID;Дата диагностики;Компетенция;Процент\nК-1;01.10.2026;НОВ-1;20\n")
    assert [result.competency for result in session.query(ResultRecord)] == ["НОВ-1"]
    assert record.state == "applied"


def test_people_with_results_cannot_be_taken_back(files: Files, session: Session) -> None:
    record = files.apply("people", PEOPLE)
    results = files.apply("diagnostics", RESULTS)
    with pytest.raises(Conflict, match="результаты диагностики"):
        files.undo(record)
    files.undo(results)
    assert files.undo(record).state == "undone"
    assert people_of(session, ALL) == []


def test_an_import_that_a_later_one_changed_cannot_be_taken_back_first(files: Files) -> None:
    files.apply("people", PEOPLE)
    files.apply("diagnostics", RESULTS)
    first = files.apply("diagnostics", RESULTS.replace(";31", ";32"))
    second = files.apply("diagnostics", RESULTS.replace(";31", ";33"))
    with pytest.raises(Conflict, match="более поздние загрузки"):
        files.undo(first)
    assert files.undo(second).state == files.undo(first).state == "undone"


def test_results_behind_an_agreed_route_cannot_be_taken_back(files: Files, session: Session) -> None:
    files.apply("people", PEOPLE)
    record = files.apply("diagnostics", RESULTS)
    person = people_of(session, ALL)[0]
    session.add(agreed_route(person))
    session.flush()
    with pytest.raises(Conflict, match="согласованные маршруты"):
        files.undo(record)


def agreed_route(person: PersonRecord) -> RouteRecord:
    numbers = {"value": 1.0, "bound": 1.0, "hours": 36.0, "closed": 0.5, "deficits": 1}
    return RouteRecord(person_id=person.id, state="approved", created_at=datetime.now(UTC), heaviest=[], **numbers)


@pytest.mark.parametrize("verb", ["apply", "drop", "undo"])
def test_a_state_allows_only_its_own_verbs(files: Files, session: Session, verb: str) -> None:
    dropped = files.plan("people", PEOPLE).record
    operations.drop_import(session, Access(files.actor, Action.IMPORTS_PLAN), dropped.id, uploads=files.uploads)
    verbs: dict[str, Callable[[], object]] = {
        "apply": lambda: operations.apply_import(
            session, Access(files.actor, Action.IMPORTS_APPLY), dropped.id, uploads=files.uploads
        ),
        "drop": lambda: operations.drop_import(
            session, Access(files.actor, Action.IMPORTS_PLAN), dropped.id, uploads=files.uploads
        ),
        "undo": lambda: files.undo(dropped),
    }
    with pytest.raises(Conflict):
        verbs[verb]()


def test_the_file_is_wiped_after_the_commit_and_not_before(files: Files, session: Session) -> None:
    record = files.plan("people", PEOPLE).record
    session.commit()
    kept = files.uploads / record.digest
    operations.apply_import(session, Access(files.actor, Action.IMPORTS_APPLY), record.id, uploads=files.uploads)
    assert kept.exists()
    session.rollback()
    assert kept.exists()
    operations.apply_import(session, Access(files.actor, Action.IMPORTS_APPLY), record.id, uploads=files.uploads)
    session.commit()
    assert not kept.exists()


def test_a_file_that_two_imports_wait_for_stays(files: Files, session: Session) -> None:
    first, second = files.plan("people", PEOPLE).record, files.plan("people", PEOPLE).record
    assert first.digest == second.digest
    operations.drop_import(session, Access(files.actor, Action.IMPORTS_PLAN), first.id, uploads=files.uploads)
    session.commit()
    assert (files.uploads / second.digest).exists()


def test_rejected_rows_come_back_with_what_is_wrong(files: Files, session: Session) -> None:
    record = files.apply("people", PEOPLE)
    name, content = operations.rejected_file(session, Access(files.actor, Action.IMPORTS_READ), record.id)
    assert name.endswith(".csv")
    lines = content.decode("utf-8-sig").splitlines()
    assert lines[0].endswith("Ошибка") and "организация не указана" in lines[1] and len(lines) == 2


def test_a_file_without_rejected_rows_gives_none_back(files: Files, session: Session) -> None:
    files.apply("people", PEOPLE)
    record = files.apply("diagnostics", RESULTS)
    with pytest.raises(NotFound):
        operations.rejected_file(session, Access(files.actor, Action.IMPORTS_READ), record.id)


def test_an_import_of_another_territory_is_not_found(files: Files, session: Session) -> None:
    record = files.plan("people", PEOPLE).record
    stranger = Identity(None, "чужой", None, (Grant("coordinator", Scope("muya")),))
    local = Identity(None, "район", None, (Grant("coordinator", Scope(TERRITORY, "Елизовский район")),))
    for actor in (stranger, local):
        with pytest.raises(NotFound):
            operations.apply_import(session, Access(actor, Action.IMPORTS_APPLY), record.id, uploads=files.uploads)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"territory": "atlantis"}, "atlantis"),
        ({"table": "pupils"}, "pupils"),
        ({"sheet": "Лист7"}, "Лист7"),
    ],
)
def test_unknown_names_are_refused_by_name(files: Files, change: dict[str, str], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        files.plan(**{"table": "people", "text": PEOPLE, **change})


def test_a_refused_file_is_not_kept(files: Files) -> None:
    with pytest.raises(InvalidInput):
        files.plan("people", "")
    assert not files.uploads.exists() or not any(files.uploads.iterdir())


def test_acts_are_journalled_without_names(files: Files, session: Session) -> None:
    record = files.apply("people", PEOPLE)
    files.undo(record)
    entries = session.query(JournalRecord).filter_by(subject="import", subject_id=record.id).order_by(JournalRecord.id)
    assert [entry.action for entry in entries] == ["imports.plan", "imports.apply", "imports.undo"]
    assert "Ёлкина" not in str([entry.details for entry in entries])


def test_a_plan_that_is_kept_nowhere_leaves_no_trace(files: Files, session: Session, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    plan = operations.plan_only(
        session, Access(files.actor, Action.IMPORTS_PLAN), FileToPlan(TERRITORY, "people", path, path.name)
    )
    assert plan.summary()["sheets"][0]["accepted"] == 2
    assert not session.new and not session.dirty
