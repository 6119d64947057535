"""Verbs of imports: plan a file, apply it, take it back, drop it, give back its rejected rows."""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from api import audit
from api.access import Access, verb
from api.errors import Conflict, InvalidInput, NotFound
from api.imports.planning import PLANNERS, FilePlan, FileToPlan, choose_sheets, framework_in_use, plan_file, plan_sheet
from api.imports.writing import Written, write_sheet
from api.policy import Action
from data.progress import Progress
from data.reference.loading import territory_codes
from data.spreadsheets.plan import RefusedFile, SheetPlan
from data.spreadsheets.rejects import RejectedSheet, write_rejected
from data.spreadsheets.sheets import Sheet
from models.imports import (
    APPLIED,
    DROPPED,
    PLANNED,
    READING,
    UNDONE,
    WAITING,
    ImportRecord,
    add_changes,
    changed_again,
    changes_of,
    find_import,
    last_mapping,
    waiting_digests,
)
from models.jobs import JobRecord, add_job, ask_drafts
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
    _check_names(asked)
    access.require(Scope(asked.territory))
    return plan_file(session, access, asked, progress)


def _check_names(asked: FileToPlan) -> None:
    if asked.territory not in territory_codes():
        raise InvalidInput(
            f"Территории «{asked.territory}» нет; есть {', '.join(territory_codes())}.", field="territory"
        )
    if asked.table not in PLANNERS:
        raise InvalidInput(f"Таблицы «{asked.table}» нет; есть {', '.join(PLANNERS)}.", field="table")


@verb(Action.IMPORTS_PLAN)
def plan_import(
    session: Session,
    access: Access,
    asked: FileToPlan,
    *,
    uploads: Path,
    remembered: bool = False,
    progress: Progress | None = None,
) -> PlannedImport:
    """Plan a file and keep it until it is applied or dropped; a file that cannot be read is refused and not kept.

    With `remembered`, columns that nobody knows are read as people matched them last time.
    """
    asked, plan = _planned_file(session, access, asked, remembered, progress)
    record = _new_import(session, access, asked, uploads)
    _show(record, asked, plan)
    return PlannedImport(record, plan)


@verb(Action.IMPORTS_PLAN)
def request_plan(
    session: Session, access: Access, asked: FileToPlan, *, uploads: Path, remembered: bool = False
) -> ImportRecord:
    """Keep a large file and ask for it to be planned in the background."""
    _check_names(asked)
    access.require(Scope(asked.territory))
    record = _new_import(session, access, asked, uploads)
    arguments = {"import": record.id, "remembered": remembered}
    job = add_job(
        session,
        READ_IMPORT,
        arguments,
        at=record.created_at,
        territory=record.territory,
        account_id=access.actor.account_id,
    )
    record.job_id = job.id
    return record


@verb(Action.IMPORTS_PLAN)
def read_import(
    session: Session,
    access: Access,
    import_id: int,
    *,
    uploads: Path,
    remembered: bool = False,
    progress: Progress | None = None,
) -> ImportRecord:
    """Plan a file that waits to be read; one that cannot be read is refused and waits for other columns, or its end."""
    record = _find(session, access, import_id)
    if record.state != READING:
        raise Conflict("Этот файл уже прочитан.")
    asked, plan = _planned_file(session, access, _asked_again(record, uploads), remembered, progress)
    _show(record, asked, plan)
    return record


def _planned_file(
    session: Session, access: Access, asked: FileToPlan, remembered: bool, progress: Progress | None
) -> tuple[FileToPlan, FilePlan]:
    plan = plan_only(session, access, asked, progress)
    unknown = {name for sheet in plan.sheets for name in sheet.ignored_columns} if remembered else set()
    before = last_mapping(session, asked.territory, asked.table, unknown)
    if not any(before.values()):
        return asked, plan
    asked = replace(asked, mapping=before)
    return asked, plan_only(session, access, asked, progress)


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
        summary={"sheets": [], "counts": []},
    )
    session.add(record)
    session.flush()
    audit.record(session, access, "import", record.id, table=asked.table, territory=asked.territory)
    return record


def _show(record: ImportRecord, asked: FileToPlan, plan: FilePlan) -> None:
    """Note what a file would change, for the people who decide about it."""
    record.state, record.mapping, record.summary = PLANNED, dict(asked.mapping), plan.summary()
    record.rejected = [asdict(sheet) for sheet in plan.rejected if sheet.rows]


def _asked_again(record: ImportRecord, uploads: Path) -> FileToPlan:
    path = uploads / record.digest
    if not path.exists():
        raise Conflict("Файл этой загрузки уже удалён. Загрузите его ещё раз.")
    return FileToPlan(record.territory, record.table, path, record.file_name, record.sheet, record.mapping)


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
def request_apply(session: Session, access: Access, import_id: int) -> JobRecord:
    """Ask for an import to be applied in the background."""
    record = _planned(session, access, import_id)
    job = add_job(
        session,
        APPLY_IMPORT,
        {"import": record.id},
        at=datetime.now(UTC),
        territory=record.territory,
        account_id=access.actor.account_id,
    )
    record.job_id = job.id
    return job


@verb(Action.IMPORTS_APPLY)
def apply_import(
    session: Session, access: Access, import_id: int, *, uploads: Path, progress: Progress | None = None
) -> ImportRecord:
    """Write all accepted rows of a planned import.

    The file is planned anew, sheet by sheet, so that nothing is written over what has changed since it was looked at.
    People with new results get new drafts of their routes by a job. The file is wiped after the commit.
    """
    record = _planned(session, access, import_id)
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
) -> list[tuple[dict[str, Any], Written]]:
    """Plan and write one sheet after the other: a later one finds the people that an earlier one brought."""
    written: list[tuple[dict[str, Any], Written]] = []
    try:
        for sheet in choose_sheets(session, asked).sheets:
            # Progress is told only before the first write: SQLite would make the teller wait for the end of it.
            plan = _held_plan(session, access, asked, sheet, None if written else progress)
            framework = framework_in_use(session, asked.territory)
            written.append((plan.summary(), write_sheet(session, access, asked.territory, framework, plan, now.date())))
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
    record = _planned(session, access, import_id, WAITING)
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
    sheets = [_rejected_sheet(part) for part in record.rejected]
    if workbook:
        sheets = [replace(sheet, title=sheet.title or "Строки") for sheet in sheets]
    audit.record(session, access, "import", record.id, act="rejected")
    suffix = ".csv" if sheets[0].title is None else ".xlsx"
    with TemporaryDirectory(prefix="rejected-") as folder:
        path = Path(folder) / f"rows{suffix}"
        write_rejected(sheets, path)
        return f"Отклонённые строки – {Path(record.file_name).stem[:80]}{suffix}", path.read_bytes()


def _rejected_sheet(part: Mapping[str, Any]) -> RejectedSheet:
    """Return rejected rows as they were before JSON made lists of them."""
    header, rows = (tuple(tuple(cells) for cells in part[name]) for name in ("header", "rows"))
    return RejectedSheet(part["title"], part["delimiter"], header, rows)


def _wipe(session: Session, record: ImportRecord, uploads: Path) -> None:
    """Remove the file after the commit, unless another planned import still needs it."""
    if record.digest not in waiting_digests(session):
        after_this_commit(session, partial((uploads / record.digest).unlink, missing_ok=True))


def _find(session: Session, access: Access, import_id: int) -> ImportRecord:
    """Return an import of a territory that one of the actor's grants reaches as a whole."""
    record = find_import(session, import_id)
    if record is None or record.territory not in access.whole:
        raise NotFound("Такой загрузки нет.")
    return record


def _planned(session: Session, access: Access, import_id: int, states: Sequence[str] = (PLANNED,)) -> ImportRecord:
    record = _find(session, access, import_id)
    if record.state == READING and READING not in states:
        raise Conflict("Этот файл ещё читается. Подождите, пока станет видно, что он изменит.")
    if record.state not in states:
        raise Conflict("Эта загрузка уже применена, отменена или удалена.")
    return record
