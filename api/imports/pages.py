"""Pages of imports: choose a file, look at what it would change, apply, watch, take back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api import exports, transaction
from api.door import access, at, needs, require
from api.errors import Conflict, InvalidInput, ServiceError
from api.fields import GREATEST_ID, whole_number
from api.identity import Scope
from api.imports import operations, preview
from api.imports.planning import FileToPlan, framework_in_use
from api.policy import Action
from data.reference.loading import load_territory
from data.spreadsheets.schemas import TABLES
from data.tables.blanks import write_blank
from models.imports import (
    APPLIED,
    APPLYING,
    PLANNED,
    READING,
    ImportRecord,
    find_import,
    imports_of,
    table_of,
    waiting_digests,
)
from models.jobs import DRAFT_ROUTES, JobRecord, find_job

bp = Blueprint("imports", __name__)

FAULTS_SHOWN: Final = 200
ON_PAGE: Final = 30
BLANKS: Final = {**{name: table.title for name, table in TABLES.items()}, "wide": "результаты диагностики, широкая"}


def _uploads() -> Path:
    folder: Path = current_app.extensions["settings"].uploads
    return folder


def _territories() -> dict[str, str]:
    """Return the territories whose files the visitor may load, with their names."""
    return {code: load_territory(code).title for code in access(Action.IMPORTS_PLAN).territories}


def _asked(import_id: int, action: Action) -> ImportRecord:
    record = find_import(transaction.session(), import_id) or abort(404)
    require(action, Scope(record.territory))
    return record


@bp.get("/imports")
@needs(Action.IMPORTS_READ)
def index() -> str:
    territory = request.args.get("territory") or next(iter(_territories()), "")
    require(Action.IMPORTS_READ, Scope(territory))
    after = request.args.get("after", "")
    behind = (whole_number(after, 1, GREATEST_ID) or abort(404)) if after else None
    found = imports_of(transaction.session(), territory, after=behind, limit=ON_PAGE + 1)
    return render_template(
        "imports/index.html",
        imports=found[:ON_PAGE],
        next=found[ON_PAGE - 1].id if len(found) > ON_PAGE else None,
        territory=territory,
        territories=_territories(),
        tables=TABLES,
    )


@bp.get("/imports/new")
@needs(Action.IMPORTS_PLAN)
def new() -> str:
    return _upload_form()


def _upload_form(
    fault: str = "",
    chosen: str = "",
    headings: Sequence[str] = (),
    choices: Sequence[tuple[str, str]] = (),
    taken: Mapping[str, str] | None = None,
    hidden: Mapping[str, str] | None = None,
) -> str:
    """Show the form, after a refusal with its reason and the columns of the file to be matched by hand."""
    return render_template(
        "imports/new.html",
        tables=TABLES,
        territories=_territories(),
        blanks=BLANKS,
        fault=fault,
        chosen=chosen,
        headings=headings,
        choices=choices,
        taken=taken or {},
        hidden=hidden or {},
    )


@bp.post("/imports")
@needs(Action.IMPORTS_PLAN)
def plan() -> Response | tuple[str, int]:
    """Plan the uploaded file as every table that it holds, or as the one that was chosen."""
    territory, table = request.form.get("territory", ""), request.form.get("table", "")
    require(Action.IMPORTS_PLAN, Scope(territory))
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _upload_form(fault="Выберите файл.", chosen=table), 422
    preview.forget_old(_uploads(), waiting_digests(transaction.session()))
    digest = preview.store_upload(upload.stream, _uploads())
    planned: list[ImportRecord] = []
    try:
        for known in _tables(territory, table, digest):
            table = known
            planned.append(_planned(territory, known, digest, upload.filename))
    except InvalidInput as refusal:
        return _refused(territory, table, digest, upload.filename, refusal.message), 422
    if len(planned) == 1:
        return redirect(url_for("imports.show", import_id=planned[0].id), 303)
    names = ", ".join(TABLES[one.table].title for one in planned)
    flash(f"В файле несколько таблиц: {names}. Посмотрите и примените их по очереди, снизу вверх.")
    return redirect(url_for("imports.index", territory=territory), 303)


def _tables(territory: str, table: str, digest: str) -> list[str]:
    """Return the tables to plan: the chosen one, or all that the file is recognised to hold."""
    if table:
        return [table]
    session, name = transaction.session(), request.files["file"].filename
    assert name is not None
    found = preview.recognise_file(_uploads() / digest, name, framework_in_use(session, territory))
    known = None if found.tables else table_of(session, territory, found.headers)
    if known:
        return [known]
    if not found.tables:
        raise InvalidInput(
            "Не удалось узнать таблицу по названиям столбцов. Выберите, что это за таблица.", field="table"
        )
    return list(found.tables)


def _planned(
    territory: str, table: str, digest: str, file_name: str, mapping: dict[str, str] | None = None
) -> ImportRecord:
    """Plan a kept file, a large one in the background; columns unknown now are read as people read them last time."""
    session, uploads = transaction.session(), _uploads()
    asked = FileToPlan(territory, table, preview.stored(digest, uploads), file_name, mapping=mapping or {})
    entered = access(Action.IMPORTS_PLAN)
    if asked.path.stat().st_size > operations.LARGE:
        return operations.request_plan(session, entered, asked, uploads=uploads)
    return operations.plan_import(session, entered, asked, uploads=uploads).record


def _refused(territory: str, table: str, digest: str, file_name: str, fault: str, former: int | None = None) -> str:
    """Show why the file was refused and, where its table is known, its columns to be matched by hand."""
    path = _uploads() / digest
    headings = preview.headings_of(path, file_name) if table in TABLES and path.exists() else ()
    framework = framework_in_use(transaction.session(), territory)
    told = {"territory": territory, "table": table, "digest": digest, "file_name": file_name}
    return _upload_form(
        fault=fault,
        chosen=table,
        headings=headings,
        choices=preview.column_choices(table, framework) if headings else (),
        taken=preview.suggested(headings, table, framework) if headings else {},
        hidden={**told, "former": str(former)} if former else told,
    )


@bp.post("/imports/columns")
@needs(Action.IMPORTS_PLAN)
def by_hand() -> Response | tuple[str, int]:
    """Plan a kept file again with the columns as a person matched them."""
    form = request.form
    territory, table, digest, file_name = (form.get(name, "") for name in ("territory", "table", "digest", "file_name"))
    require(Action.IMPORTS_PLAN, Scope(territory))
    pairs = zip(form.getlist("heading"), form.getlist("meaning"), strict=False)
    try:
        record = _planned(territory, table, digest, file_name, {name: meaning for name, meaning in pairs if name})
    except InvalidInput as refusal:
        if not preview.DIGEST.fullmatch(digest):
            return _upload_form(fault=refusal.message), 422
        return _refused(territory, table, digest, file_name, refusal.message), 422
    former = whole_number(form.get("former", ""), 1, GREATEST_ID)
    if former is not None:
        operations.drop_import(*at(Action.IMPORTS_PLAN), former, uploads=_uploads())
    return redirect(url_for("imports.show", import_id=record.id), 303)


@bp.get("/imports/<row:import_id>")
@needs(Action.IMPORTS_READ)
def show(import_id: int) -> str:
    record = _asked(import_id, Action.IMPORTS_READ)
    session, counts = transaction.session(), record.summary["counts"]
    job = find_job(session, record.job_id) if record.job_id else None
    if record.state == READING and job is not None and job.state == "failed":
        return _refused(record.territory, record.table, record.digest, record.file_name, job.error, former=record.id)
    framework = framework_in_use(session, record.territory)
    sheets = record.summary["sheets"]
    faults = [{**fault, "sheet": sheet["sheet"]} for sheet in sheets for fault in sheet["faults"]]
    return render_template(
        "imports/show.html",
        record=record,
        table=TABLES[record.table],
        sheets=list(zip(sheets, counts, strict=False)),
        total={name: sum(one[name] for one in counts) for name in ("new", "changed", "unchanged", "faulty")},
        faults=faults[:FAULTS_SHOWN],
        fault_count=len(faults),
        questions=preview.questions_of(sheets),
        seen=operations.decisions(record),
        open_questions=len(operations.unanswered(sheets)),
        told=preview.told(sheets)[:FAULTS_SHOWN],
        ignored=preview.ignored_columns(sheets),
        undo_rule=operations.UNDO_RULE,
        choices=preview.column_choices(record.table, framework),
        job=job,
        drafts=job is not None and job.kind == DRAFT_ROUTES,
        seconds_left=_left(job),
        territory_title=load_territory(record.territory).title,
    )


def _left(job: JobRecord | None) -> float | None:
    return None if job is None else job.seconds_left(datetime.now(UTC))


@bp.post("/imports/<row:import_id>/apply")
@needs(Action.IMPORTS_APPLY)
def apply(import_id: int) -> Response:
    record = _asked(import_id, Action.IMPORTS_APPLY)
    try:
        operations.request_apply(*at(Action.IMPORTS_APPLY), record.id, seen=request.form.get("seen"))
    except Conflict as refusal:
        if record.state not in (PLANNED, APPLYING, APPLIED) or operations.unanswered(record.summary["sheets"]):
            raise
        flash(refusal.message, "refusal")
    return redirect(url_for("imports.show", import_id=record.id), 303)


@bp.post("/imports/<row:import_id>/answers")
@needs(Action.IMPORTS_PLAN)
def answer(import_id: int) -> Response:
    """Read a file anew with the answers to its questions; a question without an answer stays open."""
    record, form = _asked(import_id, Action.IMPORTS_PLAN), request.form
    given = zip(form.getlist("question"), form.getlist("answer"), form.getlist("number"), strict=False)
    answers = {question: number.strip() or chosen for question, chosen, number in given if number.strip() or chosen}
    try:
        operations.answer_import(*at(Action.IMPORTS_PLAN), record.id, answers=answers, uploads=_uploads())
    except InvalidInput as refusal:
        flash(refusal.message, "refusal")
    return redirect(url_for("imports.show", import_id=record.id), 303)


@bp.post("/imports/<row:import_id>/undo")
@needs(Action.IMPORTS_UNDO)
def undo(import_id: int) -> Response:
    record = _asked(import_id, Action.IMPORTS_UNDO)
    try:
        operations.undo_import(*at(Action.IMPORTS_UNDO), record.id)
        flash("Загрузка отменена: данные такие же, как до неё.")
    except ServiceError as refusal:
        flash(refusal.message, "refusal")
    return redirect(url_for("imports.show", import_id=record.id), 303)


@bp.post("/imports/<row:import_id>/drop")
@needs(Action.IMPORTS_PLAN)
def drop(import_id: int) -> Response:
    record = _asked(import_id, Action.IMPORTS_PLAN)
    operations.drop_import(*at(Action.IMPORTS_PLAN), record.id, uploads=_uploads())
    flash("Файл удалён, ничего не записано.")
    return redirect(url_for("imports.index", territory=record.territory), 303)


@bp.get("/imports/<row:import_id>/rejected")
@needs(Action.IMPORTS_READ)
def rejected(import_id: int) -> Response:
    """Give back the rejected rows in the shape of their file with a column that says what is wrong."""
    record = _asked(import_id, Action.IMPORTS_READ)
    name, content = operations.rejected_file(*at(Action.IMPORTS_READ), record.id)
    return exports.download(content, name)


@bp.get("/imports/blank/<name>.xlsx")
@needs(Action.IMPORTS_READ)
def blank(name: str) -> Response:
    """Give an empty form of a table; the wide one has a column for each competency of the territory."""
    if name not in BLANKS:
        abort(404)
    territory = next(iter(_territories()))
    wide = framework_in_use(transaction.session(), territory) if name == "wide" else None
    with TemporaryDirectory() as folder:
        path = Path(folder) / "blank.xlsx"
        write_blank("diagnostics" if name == "wide" else name, path, wide)
        content = path.read_bytes()
    return exports.download(content, f"Форма – {BLANKS[name]}.xlsx")
