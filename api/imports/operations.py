"""Verbs of imports: plan a file, apply it, take it back, drop it, give back its rejected rows."""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from api import audit
from api.access import Access, verb
from api.errors import Conflict, InvalidInput, NotFound
from api.imports.planning import (
    PLANNERS,
    FilePlan,
    FileToPlan,
    choose_sheets,
    framework_in_use,
    headers_in,
    plan_file,
    plan_sheet,
    sheets_of,
)
from api.imports.serializers import rejected_said, rejected_sheet, sheet_said
from api.imports.writing import Written, write_sheet
from api.policy import Action
from data.progress import Progress
from data.reference.loading import territory_codes
from data.spreadsheets.cells import header_key
from data.spreadsheets.notices import COLUMN
from data.spreadsheets.plan import RefusedFile, SheetPlan
from data.spreadsheets.rejects import write_rejected
from data.spreadsheets.sheets import Sheet
from models.imports import (
    APPLIED,
    APPLYING,
    DROPPED,
    PLANNED,
    READING,
    UNDONE,
    ImportRecord,
    SheetSaid,
    add_changes,
    changed_again,
    changes_of,
    choices_of,
    find_import,
    keep_choices,
    take_import,
    waiting_digests,
)
from models.jobs import JobRecord, add_job, ask_drafts, find_job
from models.scope import Scope
from models.session import Session, after_this_commit
from models.territories import catalogue_changed, hold_territory, people_changed, versions_of
from models.undo import built_on, people_touched, take_back

READ_IMPORT: Final = "read_import"
APPLY_IMPORT: Final = "apply_import"
LARGE: Final = 500_000
"""A file of more bytes takes longer to plan than a person waits for a page; it is read in the background."""

MOST_PLANS: Final = 5
"""How often a sheet is planned anew because somebody else changed the territory meanwhile."""

UNDECIDED: Final = (READING, PLANNED)
"""The states in which a person may still change how a file is read, or throw it away."""

BUSY: Final[Mapping[str, str]] = {
    READING: "Этот файл ещё читается. Подождите, пока станет видно, что он изменит.",
    APPLYING: "Эта загрузка уже записывается: дождитесь конца записи.",
}
UNDO_RULE: Final = (
    "Отменить можно, пока на этих данных ничего не основано: ни результаты и учётные записи загруженных людей, ни "
    "согласованные маршруты. Проекты маршрутов составляются заново."
)
STANDS: Final = {
    "results": "результаты диагностики загруженных педагогов ({})",
    "accounts": "учётные записи загруженных педагогов ({})",
    "routes": "согласованные маршруты этих педагогов ({})",
    "steps": "шаги согласованных маршрутов с этими мероприятиями ({})",
}
"""What may stand on an import, as the refusal to take it back names it."""


@dataclass(frozen=True, slots=True)
class PlannedImport:
    """A stored import together with the plan that a person looks at."""

    record: ImportRecord
    plan: FilePlan


@verb(Action.IMPORTS_PLAN)
def plan_only(session: Session, access: Access, asked: FileToPlan, progress: Progress | None = None) -> FilePlan:
    """Plan a file without keeping anything of it."""
    return _planned_file(session, access, asked, progress)[1]


def _check_names(asked: FileToPlan) -> None:
    if asked.territory not in territory_codes():
        raise InvalidInput(
            f"Территории «{asked.territory}» нет; есть {', '.join(territory_codes())}.", field="territory"
        )
    if asked.table not in PLANNERS:
        raise InvalidInput(f"Таблицы «{asked.table}» нет; есть {', '.join(PLANNERS)}.", field="table")


@verb(Action.IMPORTS_PLAN)
def plan_import(
    session: Session, access: Access, asked: FileToPlan, *, uploads: Path, progress: Progress | None = None
) -> PlannedImport:
    """Plan a file and keep it until it is applied or dropped; a file that cannot be read is refused and not kept."""
    asked, plan = _planned_file(session, access, asked, progress)
    record = _new_import(session, access, asked, uploads)
    _show(session, record, asked, plan)
    return PlannedImport(record, plan)


@verb(Action.IMPORTS_PLAN)
def request_plan(session: Session, access: Access, asked: FileToPlan, *, uploads: Path) -> ImportRecord:
    """Keep a large file and ask for it to be planned in the background."""
    _check_names(asked)
    access.require(Scope(asked.territory))
    record = _new_import(session, access, asked, uploads)
    _ask_job(session, access, record, READ_IMPORT)
    return record


def _ask_job(session: Session, access: Access, record: ImportRecord, kind: str) -> JobRecord:
    """Ask for a job about an import, which its page then watches."""
    arguments, now = {"import": record.id}, datetime.now(UTC)
    job = add_job(session, kind, arguments, at=now, territory=record.territory, account_id=access.actor.account_id)
    record.job_id = job.id
    return job


@verb(Action.IMPORTS_PLAN)
def read_import(
    session: Session,
    access: Access,
    import_id: int,
    *,
    uploads: Path,
    progress: Progress | None = None,
) -> ImportRecord:
    """Plan a file that waits to be read; one that cannot be read is refused and waits for other columns, or its end."""
    record = _find(session, access, import_id)
    if record.state != READING:
        raise Conflict("Этот файл уже прочитан.")
    asked, plan = _planned_file(session, access, _asked_again(record, uploads), progress)
    _show(session, record, asked, plan)
    return record


@verb(Action.IMPORTS_PLAN)
def answer_import(
    session: Session,
    access: Access,
    import_id: int,
    *,
    answers: Mapping[str, str],
    mapping: Mapping[str, str] | None = None,
    uploads: Path,
) -> ImportRecord:
    """Plan a file anew with what a person answered to its questions; a large one in the background."""
    record = _planned(session, access, import_id, UNDECIDED, held=True)
    asked = _asked_again(record, uploads)
    asked = replace(asked, answers=answers, mapping={**asked.mapping, **(mapping or {})})
    if asked.path.stat().st_size > LARGE:
        record.state, record.answers = READING, {**record.answers, **answers}
        record.mapping = asked.choices.columns
        _ask_job(session, access, record, READ_IMPORT)
        return record
    asked, plan = _planned_file(session, access, asked, None)
    _show(session, record, asked, plan)
    return record


def _planned_file(
    session: Session, access: Access, asked: FileToPlan, progress: Progress | None
) -> tuple[FileToPlan, FilePlan]:
    """Plan a file with what is asked now, and else with what was decided about files of the same header."""
    _check_names(asked)
    access.require(Scope(asked.territory))
    sheets = sheets_of(asked)
    before = choices_of(session, asked.territory, asked.table, headers_in(sheets))
    if before is not None:
        mapping = {**before.mapping, **asked.choices.columns}
        asked = replace(asked, mapping=mapping, remembered={**before.answers, **asked.remembered})
    plan = plan_file(session, access, asked, sheets, progress)
    _check_answers(asked, plan)
    return asked, plan


def _check_answers(asked: FileToPlan, plan: FilePlan) -> None:
    """Refuse an answer to what was not asked: it was meant for something, and would change nothing unnoticed."""
    questions = {(notice.code, header_key(notice.column or "")) for notice in plan.questions}
    codes = {code for code, _ in questions}
    for answered in asked.answers:
        code, _, column = answered.partition(":")
        if code == COLUMN:
            known = header_key(column) in plan.headings
        else:
            known = (code, header_key(column)) in questions if column else code in codes
        if not known and code in (COLUMN, *codes):
            raise InvalidInput(f"О столбце «{column}» вопроса «{code}» нет: проверьте название.", field="answers")
        if not known:
            others = ", ".join(sorted(codes)) or "в этом файле вопросов нет"
            raise InvalidInput(f"Вопроса «{code}» нет; есть: {others}.", field="answers")


def unanswered(sheets: Sequence[SheetSaid]) -> list[str]:
    """Return the questions of a planned file that nobody answered yet, as sentences."""
    warnings = [warned for sheet in sheets for warned in sheet["warnings"]]
    return [warned["message"] for warned in warnings if warned["question"] and warned["question"]["answer"] is None]


def _refuse_unanswered(sheets: Sequence[SheetSaid]) -> None:
    if left := unanswered(sheets):
        more = f" (и ещё {len(left) - 1})" if len(left) > 1 else ""
        raise Conflict(f"Сначала ответьте на вопрос: {left[0]}{more}")


def decisions(record: ImportRecord) -> str:
    """Return a digest of what people decided about a file so far."""
    said = json.dumps([record.mapping, record.answers], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _new_import(session: Session, access: Access, asked: FileToPlan, uploads: Path) -> ImportRecord:
    record = ImportRecord(
        territory=asked.territory,
        account_id=access.actor.account_id,
        table=asked.table,
        sheet=asked.sheet,
        file_name=asked.file_name,
        digest=_keep(asked.path, uploads),
        state=READING,
        created_at=datetime.now(UTC),
        mapping=dict(asked.mapping),
        answers=dict(asked.answers),
        summary={"sheets": [], "counts": [], "skipped": []},
    )
    session.add(record)
    session.flush()
    audit.record(session, access, "import", record.id, table=asked.table, territory=asked.territory)
    return record


def _show(session: Session, record: ImportRecord, asked: FileToPlan, plan: FilePlan) -> None:
    """Note what a file would change, for the people who decide about it, and what they decided so far."""
    record.state, record.summary = PLANNED, plan.summary()
    record.mapping, record.answers = asked.choices.columns, plan.answers
    record.rejected = [rejected_said(sheet) for sheet in plan.rejected if sheet.rows]
    if record.mapping or record.answers:
        kept = {"mapping": record.mapping, "answers": {**asked.remembered, **record.answers}}
        keep_choices(session, record.territory, record.table, plan.headers, at=datetime.now(UTC), **kept)


def _asked_again(record: ImportRecord, uploads: Path) -> FileToPlan:
    path = uploads / record.digest
    if not path.exists():
        raise Conflict("Файл этой загрузки уже удалён. Загрузите его ещё раз.")
    place = (record.territory, record.table, path, record.file_name, record.sheet)
    return FileToPlan(*place, mapping=record.mapping, remembered=record.answers)


def _keep(path: Path, uploads: Path) -> str:
    """Copy a file into the folder of uploads under its digest, readable by the owner only."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = uploads / digest
    if kept != path:
        shutil.copyfile(path, kept)
        kept.chmod(0o600)
    return digest


@verb(Action.IMPORTS_APPLY)
def request_apply(session: Session, access: Access, import_id: int, *, seen: str | None = None) -> JobRecord:
    """Ask for an import to be applied in the background; of several who ask one is heard.

    `seen` are the decisions that a person looked at: where somebody else has changed them, it is to be looked at again.
    """
    record = _planned(session, access, import_id, held=True)
    if seen is not None and seen != decisions(record):
        raise Conflict("Пока вы смотрели, ответы об этом файле изменились: посмотрите ещё раз, что будет записано.")
    _refuse_unanswered(record.summary["sheets"])
    if not take_import(session, record, record.state):
        raise Conflict(BUSY[APPLYING])
    return _ask_job(session, access, record, APPLY_IMPORT)


@verb(Action.IMPORTS_APPLY)
def apply_import(
    session: Session, access: Access, import_id: int, *, uploads: Path, progress: Progress | None = None
) -> ImportRecord:
    """Write all accepted rows of a planned import.

    The file is planned anew, sheet by sheet, so that nothing is written over what has changed since it was looked at.
    People with new results get new drafts of their routes by a job. The file is wiped after the commit.
    """
    record = _planned(session, access, import_id, (PLANNED, APPLYING))
    _refuse_unanswered(record.summary["sheets"])
    asked = _asked_again(record, uploads)
    summaries, touched = [], set[int]()
    now = datetime.now(UTC)
    for plan, written in _write_all(session, access, asked, progress, now):
        summaries.append(plan)
        add_changes(session, record.id, written.table, written.changes)
        touched |= written.people
    record.summary = {**record.summary, "sheets": summaries}
    record.state, record.applied_at = APPLIED, now
    session.flush()
    _ask_drafts(session, access, record, [*touched])
    audit.record(session, access, "import", record.id, table=record.table)
    _wipe(session, record, uploads)
    return record


def _write_all(
    session: Session, access: Access, asked: FileToPlan, progress: Progress | None, now: datetime
) -> list[tuple[SheetSaid, Written]]:
    """Plan and write one sheet after the other: a later one finds the people that an earlier one brought."""
    written: list[tuple[SheetSaid, Written]] = []
    try:
        for sheet in choose_sheets(session, asked, sheets_of(asked)).sheets:
            # Progress is told only before the first write: SQLite would make the teller wait for the end of it.
            plan = _held_plan(session, access, asked, sheet, None if written else progress)
            said = sheet_said(plan)
            _refuse_unanswered([said])
            framework = framework_in_use(session, asked.territory)
            written.append((said, write_sheet(session, access, asked.territory, framework, plan, now.date())))
    except RefusedFile as refusal:
        raise InvalidInput(str(refusal), field="file") from refusal
    return written


def _held_plan(
    session: Session, access: Access, asked: FileToPlan, sheet: Sheet, progress: Progress | None
) -> SheetPlan[Any]:
    """Plan a sheet and hold its territory; where another import came in between, plan it again."""
    for _ in range(MOST_PLANS):
        seen = versions_of(session, asked.territory)
        plan = plan_sheet(session, access, asked, sheet, progress)
        if hold_territory(session, asked.territory, seen):
            return plan
    raise Conflict("Данные территории всё время меняются другими загрузками. Повторите через несколько минут.")


@verb(Action.IMPORTS_UNDO)
def undo_import(session: Session, access: Access, import_id: int) -> ImportRecord:
    """Take an applied import back, unless something was built on it since."""
    record = _find(session, access, import_id)
    if record.state != APPLIED:
        raise Conflict("Отменить можно только применённую загрузку.")
    again = changed_again(session, record.id)
    if again:
        raise Conflict(f"Отменить нельзя: более поздние загрузки изменили те же строки ({again}). Отмените сначала их.")
    stands = [STANDS[name].format(count) for name, count in built_on(session, record.id).items()]
    if stands:
        raise Conflict(f"Отменить нельзя: на этой загрузке уже основаны {', '.join(stands)}.")
    touched = people_touched(session, record.id)
    take_back(session, changes_of(session, record.id))
    catalogue_changed(session, record.territory)
    people_changed(session, record.territory)
    record.state, record.rejected = UNDONE, []
    _ask_drafts(session, access, record, touched)
    audit.record(session, access, "import", record.id, table=record.table)
    return record


def _ask_drafts(session: Session, access: Access, record: ImportRecord, people: Sequence[int]) -> None:
    """Ask for the drafts of the people whom an import touched; its page shows how far they are."""
    if people:
        drafting = access.for_(Action.ROUTES_DRAFT_ALL)
        job = ask_drafts(
            session, record.territory, at=datetime.now(UTC), account_id=drafting.actor.account_id, people=people
        )
        record.job_id = job.id


@verb(Action.IMPORTS_PLAN)
def drop_import(session: Session, access: Access, import_id: int, *, uploads: Path) -> ImportRecord:
    """Throw an import that is not applied away together with its file."""
    record = _planned(session, access, import_id, UNDECIDED, held=True)
    record.state, record.rejected = DROPPED, []
    session.flush()
    audit.record(session, access, "import", record.id, act="drop", table=record.table)
    _wipe(session, record, uploads)
    return record


@verb(Action.IMPORTS_READ)
def rejected_file(session: Session, access: Access, import_id: int, *, workbook: bool = False) -> tuple[str, bytes]:
    """Return the rows that were not accepted as a file of the shape in which they came, with what is wrong in each.

    With `workbook` the rows of a CSV file come as a workbook too.
    """
    record = _find(session, access, import_id)
    if not record.rejected:
        raise NotFound("В этой загрузке нет непринятых строк.")
    sheets = [rejected_sheet(part) for part in record.rejected]
    if workbook:
        sheets = [replace(sheet, title=sheet.title or "Строки") for sheet in sheets]
    audit.record(session, access, "import", record.id, act="rejected")
    suffix = ".csv" if sheets[0].title is None else ".xlsx"
    with TemporaryDirectory(prefix="rejected-") as folder:
        path = Path(folder) / f"rows{suffix}"
        write_rejected(sheets, path)
        return f"Отклонённые строки – {Path(record.file_name).stem[:80]}{suffix}", path.read_bytes()


def _wipe(session: Session, record: ImportRecord, uploads: Path) -> None:
    """Remove the file after the commit, unless another planned import still needs it."""
    if record.digest not in waiting_digests(session):
        after_this_commit(session, partial((uploads / record.digest).unlink, missing_ok=True))


def _find(session: Session, access: Access, import_id: int, *, held: bool = False) -> ImportRecord:
    """Return an import of a territory that one of the actor's grants reaches as a whole."""
    record = find_import(session, import_id, held=held)
    if record is None or record.territory not in access.whole:
        raise NotFound("Такой загрузки нет.")
    return record


def _planned(
    session: Session, access: Access, import_id: int, states: Sequence[str] = (PLANNED,), *, held: bool = False
) -> ImportRecord:
    """Return an import in one of the states; one whose writing failed counts as planned again.

    `held` keeps others from deciding about it until the commit: what one applies, another cannot answer or drop.
    """
    record = _find(session, access, import_id, held=held)
    state = PLANNED if record.state == APPLYING and _failed(session, record) else record.state
    if state not in states:
        raise Conflict(BUSY.get(state, "Эта загрузка уже применена, отменена или удалена."))
    return record


def _failed(session: Session, record: ImportRecord) -> bool:
    """Tell whether the job that writes an import has ended without writing it."""
    job = find_job(session, record.job_id) if record.job_id else None
    return job is None or job.state == "failed"
