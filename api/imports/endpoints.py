"""JSON of imports: plan a file, look at the plan, apply it, take it back, fetch the refused rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Blueprint, Response, current_app, request

from api import exports, paging, transaction
from api.contract import Endpoint, answered
from api.door import access, at, require
from api.errors import NotFound
from api.identity import Scope
from api.imports import operations
from api.imports.forms import AnswersForm, ImportForm, Imports, ImportsQuery, WholeImport
from api.imports.planning import FileToPlan
from api.policy import Action
from models.imports import ImportRecord, find_import, imports_of

bp = Blueprint("imports_api", __name__, url_prefix="/api/v1")


@bp.post("/imports")
@Endpoint(
    "Прочитать файл: что будет записано и что в нём не так; большой читает задание job_id, до тех пор он в reading",
    upload=ImportForm,
    answer=WholeImport,
    status=201,
)
def plan(form: ImportForm) -> Response:
    entered, session = require(Action.IMPORTS_PLAN, Scope(form.territory)), transaction.session()
    uploads = current_app.extensions["settings"].uploads
    with _uploaded() as (path, file_name):
        asked = FileToPlan(form.territory, form.table, path, file_name, form.sheet)
        if path.stat().st_size > operations.LARGE:
            record = operations.request_plan(session, entered, asked, uploads=uploads)
        else:
            record = operations.plan_import(session, entered, asked, uploads=uploads).record
    return answered(_whole(record), 201)


@contextmanager
def _uploaded() -> Iterator[tuple[Path, str]]:
    """Give the uploaded file for as long as it is read, and the name it was sent under."""
    sent = request.files["file"]
    with TemporaryDirectory(prefix="import-") as folder:
        path = Path(folder) / "file"
        sent.save(path)
        yield path, (sent.filename or "").replace("\x00", "")[:255]


@bp.get("/imports")
@Endpoint("Загрузки территории, новые сначала", query=ImportsQuery, answer=Imports)
def imports(query: ImportsQuery) -> Response:
    require(Action.IMPORTS_READ, Scope(query.territory))
    rows = imports_of(
        transaction.session(), query.territory, after=query.cursor, limit=query.limit + 1, state=query.state or ""
    )
    page = paging.cut(rows, query.limit, lambda row: (row.id,))
    return answered({"items": [_whole(row) for row in page.items], "next": page.next})


@bp.get("/imports/<row:import_id>")
@Endpoint("Одна загрузка", answer=WholeImport)
def one(import_id: int) -> Response:
    return answered(_whole(_import(import_id, Action.IMPORTS_READ)))


@bp.post("/imports/<row:import_id>/answers")
@Endpoint(
    "Ответить на вопросы плана или сопоставить столбцы: файл читается заново, ответы запоминаются",
    form=AnswersForm,
    answer=WholeImport,
    errors=(409,),
)
def answer(import_id: int, form: AnswersForm) -> Response:
    record = _import(import_id, Action.IMPORTS_PLAN)
    uploads = current_app.extensions["settings"].uploads
    asked = operations.answer_import(
        *at(Action.IMPORTS_PLAN), record.id, answers=form.answers, mapping=form.mapping, uploads=uploads
    )
    return answered(_whole(asked))


@bp.post("/imports/<row:import_id>/apply")
@Endpoint("Записать принятые строки: ставится задание job_id", answer=WholeImport, status=202, errors=(409,))
def apply(import_id: int) -> Response:
    record = _import(import_id, Action.IMPORTS_APPLY)
    operations.request_apply(*at(Action.IMPORTS_APPLY), record.id)
    return answered(_whole(record), 202)


@bp.post("/imports/<row:import_id>/undo")
@Endpoint("Отменить загрузку, пока на ней ничего не основано", answer=WholeImport, errors=(409,))
def undo(import_id: int) -> Response:
    record = _import(import_id, Action.IMPORTS_UNDO)
    return answered(_whole(operations.undo_import(*at(Action.IMPORTS_UNDO), record.id)))


@bp.delete("/imports/<row:import_id>")
@Endpoint("Удалить прочитанный, но не применённый файл", answer=WholeImport, errors=(409,))
def drop(import_id: int) -> Response:
    record = _import(import_id, Action.IMPORTS_PLAN)
    uploads = current_app.extensions["settings"].uploads
    entered = access(Action.IMPORTS_PLAN)
    return answered(_whole(operations.drop_import(transaction.session(), entered, record.id, uploads=uploads)))


@bp.get("/imports/<row:import_id>/rejected")
@Endpoint("Непринятые строки книгой XLSX с колонкой «Ошибка»", answer=exports.XLSX)
def rejected(import_id: int) -> Response:
    record = _import(import_id, Action.IMPORTS_READ)
    name, content = operations.rejected_file(*at(Action.IMPORTS_READ), record.id, workbook=True)
    return exports.download(content, name)


def _import(import_id: int, action: Action) -> ImportRecord:
    """Return an import that whoever asks may do this to; one of another territory is not found."""
    record = find_import(transaction.session(), import_id)
    if record is None or not access(action).may(Scope(record.territory)).allowed:
        raise NotFound("Такой загрузки нет.")
    return record


def _whole(record: ImportRecord) -> WholeImport:
    return {
        "id": record.id,
        "territory": record.territory,
        "table": record.table,
        "sheet": record.sheet,
        "file_name": record.file_name,
        "state": record.state,
        "created_at": record.created_at,
        "applied_at": record.applied_at,
        "job_id": record.job_id,
        "sheets": record.summary["sheets"],
        "skipped": record.summary["skipped"],
    }
