"""Pages of runs: ask for the best pairs, look at the board, compare, take it away as a table, publish."""

from datetime import UTC, date, datetime
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api import audit, exports, transaction
from api.door import access, at, needs, require
from api.errors import InvalidInput
from api.identity import Scope
from api.mentors import labels
from api.mentors.pairs.orders import order_of_run
from api.mentors.runs import board
from api.mentors.runs import operations as runs
from api.paging import encode
from api.policy import Action
from api.query import after, chosen, kept, number
from data.reference.loading import load_territory
from data.reference.words import compared
from models.jobs import find_job
from models.mentor_runs import QUEUED, MentorRunRecord, changed_mentees, compared_rows, count_rows, run_rows, runs_of
from models.people import PeopleFilter, municipalities_of

bp = Blueprint("mentors", __name__)

PAGE_SIZE: Final = 50
RUNS_SHOWN: Final = 20
MOST_COMPARED: Final = 30
FILTERS: Final = ("q", "municipality", "subject", "tab")


def _territories() -> dict[str, str]:
    """Return the territories that the visitor pairs people in, with their names."""
    return {code: load_territory(code).title for code in access(Action.MENTORS_READ).territories}


def asked_run(run_id: int, action: Action) -> MentorRunRecord:
    """Return the run of the address if the visitor may do this to it."""
    return runs.run_of(*at(action), run_id)


@bp.get("/mentors")
@needs(Action.MENTORS_READ)
def index() -> str:
    territory = request.args.get("territory") or next(iter(_territories()), "")
    require(Action.MENTORS_READ, Scope(territory))
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
@needs(Action.MENTORS_RUN)
def run() -> Response:
    territory, former = request.form.get("territory", ""), request.form.get("earlier", "")
    require(Action.MENTORS_RUN, Scope(territory))
    made = runs.request_run(
        *at(Action.MENTORS_RUN),
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
@needs(Action.MENTORS_READ)
def show(run_id: int) -> str:
    session, entered = at(Action.MENTORS_READ)
    run = runs.run_of(session, entered, run_id)
    if run.state == QUEUED:
        return _waiting(run)
    runs.look_at(session, entered, run.id)
    filters, tab = people_filter(), chosen(FILTERS)["tab"]
    changed = changed_mentees(session, run.id, run.earlier_id) if run.earlier_id else {}
    rows = run_rows(
        session, entered.scopes, run.id, covered=tab != "alone", chosen=filters, after=after(), limit=PAGE_SIZE + 1
    )
    audit.record(session, entered, "mentor_run", run.id, count=min(len(rows), PAGE_SIZE))
    return render_template(
        "mentors/board.html",
        run=run,
        rows=board.board_lines(session, entered, run, rows[:PAGE_SIZE], changed),
        marks=board.marks_of_run(session, entered.scopes, run),
        next=encode((rows[PAGE_SIZE - 1][0].id,)) if len(rows) > PAGE_SIZE else "",
        counts=count_rows(session, entered.scopes, run.id, filters),
        chosen=chosen(FILTERS),
        kept=kept(chosen(FILTERS)),
        municipalities=municipalities_of(session, entered.within(run.territory)),
        changed=len(changed),
        earlier=runs.run_of(session, entered, run.earlier_id) if run.earlier_id else None,
        shortages=board.shortages_of(session, run),
        pins_outside=board.pins_outside(session, entered.scopes, run),
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
        clash=board.clash_sentence(session, access(Action.MENTORS_READ).scopes, run),
        words=labels,
    )


@bp.get("/mentors/runs/<row:run_id>/pairs.xlsx")
@needs(Action.MENTORS_READ)
def export(run_id: int) -> Response:
    session, entered = at(Action.MENTORS_READ)
    run = runs.run_of(session, entered, run_id)
    rows = run_rows(session, entered.scopes, run.id, chosen=people_filter())
    audit.record(session, entered, "mentor_run", run.id, act="export", count=len(rows))
    return exports.download(exports.as_xlsx(*board.sheets(session, entered, run, rows)), f"Пары, подбор {run.id}.xlsx")


@bp.get("/mentors/runs/<row:run_id>/compare")
@needs(Action.MENTORS_READ)
def compare(run_id: int) -> str:
    session, entered = at(Action.MENTORS_READ)
    run = runs.run_of(session, entered, run_id)
    of_kind = runs_of(session, [run.territory], kind=run.kind, limit=MOST_COMPARED)
    others = [one for one in of_kind if one.id != run.id and one.computed_at is not None]
    wanted = number(request.args["with"]) if request.args.get("with") else run.earlier_id
    other = asked_run(wanted, Action.MENTORS_READ) if wanted else next(iter(others), None)
    if any(one.computed_at is None or one.kind != run.kind for one in (run, *((other,) if other else ()))):
        raise InvalidInput("Сравнить можно два рассчитанных подбора одного вида пар.", field="with")
    rows = compared_rows(session, entered.scopes, run.id, other.id, after=after(), limit=PAGE_SIZE + 1) if other else ()
    audit.record(session, entered, "mentor_run", run.id, act="compare", count=min(len(rows), PAGE_SIZE))
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
@needs(Action.MENTORS_PUBLISH)
def confirm(run_id: int) -> str:
    run = asked_run(run_id, Action.MENTORS_PUBLISH)
    made = runs.publication_of(*at(Action.MENTORS_PUBLISH), run)
    return render_template("mentors/publish.html", run=run, made=made, today=datetime.now().date(), words=labels)


@bp.post("/mentors/runs/<row:run_id>/publish")
@needs(Action.MENTORS_PUBLISH)
def publish(run_id: int) -> Response:
    run = asked_run(run_id, Action.MENTORS_PUBLISH)
    count = runs.publish_run(*at(Action.MENTORS_PUBLISH), run.id)
    flash(f"Опубликовано пар: {count}. Теперь их должны согласовать педагоги и наставники.")
    return redirect(url_for("pairs.index", state="proposed"), 303)


@bp.post("/mentors/runs/<row:run_id>/drop")
@needs(Action.MENTORS_RUN)
def drop(run_id: int) -> Response:
    run = asked_run(run_id, Action.MENTORS_RUN)
    runs.drop_run(*at(Action.MENTORS_RUN), run.id)
    flash("Подбор удалён, ни одной пары не предложено.")
    return redirect(url_for("mentors.index", territory=run.territory), 303)


@bp.get("/mentors/runs/<row:run_id>/order.docx")
@needs(Action.PAIR_ORDER)
def order(run_id: int) -> Response:
    session, entered = at(Action.MENTORS_PUBLISH)
    run = runs.run_of(session, entered, run_id)
    place = request.args.get("municipality", "").replace("\x00", "")
    content = order_of_run(session, entered, run, on=date.today(), municipality=place)
    return exports.download(content, f"Проект приказа по подбору {run.id}.docx")
