"""Pages of runs: ask for the best pairs, look at the board, compare, take it away as a table, publish."""

from datetime import UTC, date, datetime
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api import audit, exports, transaction
from api.errors import InvalidInput
from api.identity import Scope
from api.mentors import labels
from api.mentors.pairs.orders import order_of_run
from api.mentors.runs import board
from api.mentors.runs import operations as runs
from api.paging import encode
from api.permissions import asking, needs, require, scopes
from api.query import after, chosen, kept, number
from data.reference.loading import load_territory
from data.reference.words import compared
from models.jobs import find_job
from models.mentor_runs import (
    QUEUED,
    MentorRunRecord,
    changed_mentees,
    compared_rows,
    count_rows,
    run_rows,
    runs_of,
)
from models.people import PeopleFilter, municipalities_of

bp = Blueprint("mentors", __name__)

PAGE_SIZE: Final = 50
RUNS_SHOWN: Final = 20
MOST_COMPARED: Final = 30
FILTERS: Final = ("q", "municipality", "subject", "tab")


def _territories() -> dict[str, str]:
    """Return the territories that the visitor pairs people in, with their names."""
    codes = dict.fromkeys(scope.territory for scope in scopes(asking(), "mentors.read"))
    return {code: load_territory(code).title for code in codes}


def asked_run(run_id: int, action: str) -> MentorRunRecord:
    """Return the run of the address if the visitor may do this to it."""
    run = runs.run_of(transaction.session(), asking(), run_id)
    require(action, Scope(run.territory))
    return run


@bp.get("/mentors")
@needs("mentors.read")
def index() -> str:
    territory = request.args.get("territory") or next(iter(_territories()), "")
    require("mentors.read", Scope(territory))
    kinds = {rule.kind: labels.KINDS[rule.kind] for rule in load_territory(territory).mentoring}
    kind = request.args.get("kind", "")
    if kind and kind not in labels.KINDS:
        abort(404)
    found = runs_of(transaction.session(), [territory], kind=kind, before=after(), limit=RUNS_SHOWN + 1)
    return render_template(
        "mentors/index.html",
        runs=found[:RUNS_SHOWN],
        next=encode((found[RUNS_SHOWN - 1].id,)) if len(found) > RUNS_SHOWN else "",
        territory=territory,
        territories=_territories(),
        kinds=kinds,
        kind=kind,
        words=labels,
    )


@bp.post("/mentors")
@needs("mentors.run")
def run() -> Response:
    territory, former = request.form.get("territory", ""), request.form.get("earlier", "")
    require("mentors.run", Scope(territory))
    made = runs.request_run(
        transaction.session(),
        asking(),
        territory=territory,
        kind=request.form.get("kind", ""),
        objective=request.form.get("objective", ""),
        earlier_id=number(former) if former else None,
    )
    return redirect(url_for("mentors.show", run_id=made.id), 303)


def people_filter() -> PeopleFilter:
    """Return what the filters of the address narrow a list of people to."""
    asked = chosen(FILTERS)
    return PeopleFilter(
        search=compared(asked["q"]), municipality=asked["municipality"], subject=compared(asked["subject"])
    )


@bp.get("/mentors/runs/<row:run_id>")
@needs("mentors.read")
def show(run_id: int) -> str:
    run, session, actor = asked_run(run_id, "mentors.read"), transaction.session(), asking()
    if run.state == QUEUED:
        return _waiting(run)
    runs.look_at(session, actor, run.id)
    reach, filters, tab = scopes(actor, "mentors.read"), people_filter(), chosen(FILTERS)["tab"]
    changed = changed_mentees(session, run.id, run.earlier_id) if run.earlier_id else {}
    rows = run_rows(session, reach, run.id, covered=tab != "alone", chosen=filters, after=after(), limit=PAGE_SIZE + 1)
    audit.record(session, actor, "mentors.read", "mentor_run", run.id, count=min(len(rows), PAGE_SIZE))
    return render_template(
        "mentors/runs/board.html",
        run=run,
        rows=board.board_lines(session, reach, run, rows[:PAGE_SIZE], changed),
        marks=board.marks_of_run(session, reach, run),
        next=encode((rows[PAGE_SIZE - 1][0].id,)) if len(rows) > PAGE_SIZE else "",
        counts=count_rows(session, reach, run.id, filters),
        chosen=chosen(FILTERS),
        kept=kept(chosen(FILTERS)),
        municipalities=municipalities_of(session, [Scope(run.territory)]),
        changed=len(changed),
        earlier=runs.run_of(session, actor, run.earlier_id) if run.earlier_id else None,
        shortages=board.shortages_of(session, run),
        words=labels,
        open=run.state in runs.OPEN_RUNS,
    )


def _waiting(run: MentorRunRecord) -> str:
    """Return the page of a run that is computed just now, or that cannot be."""
    session = transaction.session()
    job = find_job(session, run.job_id) if run.job_id else None
    return render_template(
        "mentors/waiting.html",
        run=run,
        job=job,
        seconds_left=None if job is None else job.seconds_left(datetime.now(UTC)),
        clash=board.clash_sentence(session, scopes(asking(), "mentors.read"), run),
        words=labels,
    )


@bp.get("/mentors/runs/<row:run_id>/pairs.xlsx")
@needs("mentors.read")
def export(run_id: int) -> Response:
    run, session, actor = asked_run(run_id, "mentors.read"), transaction.session(), asking()
    reach = scopes(actor, "mentors.read")
    rows = run_rows(session, reach, run.id, chosen=people_filter())
    audit.record(session, actor, "mentors.export", "mentor_run", run.id, count=len(rows))
    return exports.download(exports.as_xlsx(*board.sheets(session, reach, run, rows)), f"Пары, подбор {run.id}.xlsx")


@bp.get("/mentors/runs/<row:run_id>/compare")
@needs("mentors.read")
def compare(run_id: int) -> str:
    run, session, actor = asked_run(run_id, "mentors.read"), transaction.session(), asking()
    of_kind = runs_of(session, [run.territory], kind=run.kind, limit=MOST_COMPARED)
    others = [one for one in of_kind if one.id != run.id and one.computed_at is not None]
    wanted = number(request.args["with"]) if request.args.get("with") else run.earlier_id
    other = asked_run(wanted, "mentors.read") if wanted else next(iter(others), None)
    if any(one.computed_at is None or one.kind != run.kind for one in (run, *((other,) if other else ()))):
        raise InvalidInput("Сравнить можно два рассчитанных подбора одного вида пар.", field="with")
    reach = scopes(actor, "mentors.read")
    rows = compared_rows(session, reach, run.id, other.id, after=after(), limit=PAGE_SIZE + 1) if other else ()
    audit.record(session, actor, "mentors.compare", "mentor_run", run.id, count=min(len(rows), PAGE_SIZE))
    return render_template(
        "mentors/compare.html",
        run=run,
        other=other,
        others=others,
        rows=rows[:PAGE_SIZE],
        next=encode((rows[PAGE_SIZE - 1].mentee.id,)) if len(rows) > PAGE_SIZE else "",
        words=labels,
    )


@bp.get("/mentors/runs/<row:run_id>/publish")
@needs("mentors.publish")
def confirm(run_id: int) -> str:
    run = asked_run(run_id, "mentors.publish")
    made = runs.publication_of(transaction.session(), asking(), run)
    return render_template("mentors/publish.html", run=run, made=made, today=datetime.now().date(), words=labels)


@bp.post("/mentors/runs/<row:run_id>/publish")
@needs("mentors.publish")
def publish(run_id: int) -> Response:
    run = asked_run(run_id, "mentors.publish")
    count = runs.publish_run(transaction.session(), asking(), run.id)
    flash(f"Опубликовано пар: {count}. Теперь их должны согласовать педагоги и наставники.")
    return redirect(url_for("pairs.index", state="proposed"), 303)


@bp.post("/mentors/runs/<row:run_id>/drop")
@needs("mentors.run")
def drop(run_id: int) -> Response:
    run = asked_run(run_id, "mentors.run")
    runs.drop_run(transaction.session(), asking(), run.id)
    flash("Подбор удалён, ни одной пары не предложено.")
    return redirect(url_for("mentors.index", territory=run.territory), 303)


@bp.get("/mentors/runs/<row:run_id>/order.docx")
@needs("pair.order")
def order(run_id: int) -> Response:
    session, actor = transaction.session(), asking()
    run = runs.run_of(session, actor, run_id)
    require("mentors.publish", Scope(run.territory))
    place = request.args.get("municipality", "").replace("\x00", "")
    content = order_of_run(session, actor, run, on=date.today(), municipality=place)
    return exports.download(content, f"Проект приказа по подбору {run.id}.docx")
