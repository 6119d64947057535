"""Pages of runs: ask for the best pairs, look at the board, change by hand, run again, publish."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api import audit, transaction
from api.identity import Scope
from api.mentors import hand, runs, shown
from api.paging import InvalidCursor, decode, encode
from api.permissions import asking, needs, require, scopes
from data.reference import load_framework, load_territory
from data.words import compared
from models.jobs import find_job
from models.mentor_runs import MentorRunRecord, RunRowRecord, changed_mentees, count_rows, run_rows, runs_of
from models.people import PeopleFilter, PersonRecord, municipalities_of
from models.territories import framework_of

bp = Blueprint("mentors", __name__)

PAGE_SIZE: Final = 50
SHORTAGES_SHOWN: Final = 3
Line = tuple[RunRowRecord, PersonRecord, PersonRecord | None]


def _territories() -> dict[str, str]:
    """Return the territories that the visitor pairs people in, with their names."""
    codes = dict.fromkeys(scope.territory for scope in scopes(asking(), "mentors.read"))
    return {code: load_territory(code).title for code in codes}


def _titles(territory: str) -> dict[str, str]:
    reference = load_framework(load_territory(territory).framework)
    framework = framework_of(transaction.session(), territory, reference)
    return {competency.code: competency.title for competency in framework.competencies}


def _asked(run_id: int, action: str) -> MentorRunRecord:
    run = runs.run_of(transaction.session(), asking(), run_id)
    require(action, Scope(run.territory))
    return run


@bp.get("/mentors")
@needs("mentors.read")
def index() -> str:
    territory = request.args.get("territory") or next(iter(_territories()), "")
    require("mentors.read", Scope(territory))
    return render_template(
        "mentors/index.html",
        runs=runs_of(transaction.session(), [territory]),
        territory=territory,
        territories=_territories(),
        kinds={rule.kind: shown.KINDS[rule.kind] for rule in load_territory(territory).mentoring},
        words=shown,
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
        earlier_id=_number(former) if former else None,
    )
    return redirect(url_for("mentors.show", run_id=made.id), 303)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        abort(404)
    return int(text)


@bp.get("/mentors/runs/<row:run_id>")
@needs("mentors.read")
def show(run_id: int) -> str:
    run, session, actor = _asked(run_id, "mentors.read"), transaction.session(), asking()
    if run.state == "queued":
        job = find_job(session, run.job_id) if run.job_id else None
        left = None if job is None else job.seconds_left(datetime.now(UTC))
        return render_template("mentors/waiting.html", run=run, job=job, seconds_left=left, words=shown)
    runs.look_at(session, actor, run.id)
    reach, chosen = scopes(actor, "mentors.read"), _chosen()
    filters = PeopleFilter(
        search=compared(chosen["q"]), municipality=chosen["municipality"], subject=compared(chosen["subject"])
    )
    covered = chosen["tab"] != "alone"
    rows = run_rows(session, reach, run.id, covered=covered, chosen=filters, after=_after(), limit=PAGE_SIZE + 1)
    audit.record(session, actor, "mentors.read", "mentor_run", run.id, count=min(len(rows), PAGE_SIZE))
    return render_template(
        "mentors/board.html",
        run=run,
        rows=_told(run, rows[:PAGE_SIZE]),
        next=encode((rows[PAGE_SIZE - 1][0].id,)) if len(rows) > PAGE_SIZE else "",
        counts=count_rows(session, reach, run.id, filters),
        chosen=chosen,
        kept={name: value for name, value in chosen.items() if value},
        municipalities=municipalities_of(session, reach),
        changed=changed_mentees(session, run.id, run.earlier_id) if run.earlier_id else {},
        earlier=runs.run_of(session, actor, run.earlier_id) if run.earlier_id else None,
        shortages=_shortages(run),
        words=shown,
        open=run.state in runs.OPEN_RUNS,
    )


def _chosen() -> dict[str, str]:
    """Return the filters that stand in the address."""
    names = ("q", "municipality", "subject", "tab")
    return {name: request.args.get(name, "").replace("\x00", "").strip()[:200] for name in names}


def _after() -> int:
    cursor = request.args.get("after", "")
    try:
        return int(decode(cursor, (int,))[0]) if cursor else 0
    except InvalidCursor:
        abort(404)


def _told(run: MentorRunRecord, rows: Sequence[Line]) -> list[dict[str, Any]]:
    """Return the lines of the board: names, why in a line, the next best, and what was set by hand."""
    named = shown.keys_in(reason for row, _, _ in rows for reason in (row.reason, row.remedy))
    named |= {other["mentor"] for row, _, _ in rows for other in row.following}
    names = shown.names_of(transaction.session(), scopes(asking(), "mentors.read"), named)
    titles = _titles(run.territory)
    return [
        {
            "row": row,
            "mentee": mentee,
            "mentor": mentor,
            "helps": shown.helps(row.parts, titles),
            "following": [{**other, "name": names.get(other["mentor"], "наставник")} for other in row.following],
            "reason": shown.told_text(row.reason, names, titles),
            "remedy": shown.told_text(row.remedy, names, titles),
            "held": [row.mentee_id, row.mentor_id] in run.pinned,
            "banned": [row.mentee_id, row.mentor_id] in run.forbidden,
        }
        for row, mentee, mentor in rows
    ]


def _shortages(run: MentorRunRecord) -> list[dict[str, Any]]:
    """Return the worst shortages of each kind, competencies by their titles."""
    titles, listed = _titles(run.territory), run.answer.get("shortages", [])
    return [
        {**one, "title": titles.get(one["code"], one["code"])}
        for what in ("competency", "municipality", "subject")
        for one in [one for one in listed if one["what"] == what][:SHORTAGES_SHOWN]
    ]


BY_HAND: Final[dict[str, Callable[..., MentorRunRecord]]] = {
    "pin": hand.pin,
    "forbid": hand.forbid,
    "release": hand.release,
}
DONE: Final = {
    "pin": "Пара закреплена: она останется при следующем подборе.",
    "forbid": "Пара запрещена: при следующем подборе её не будет.",
    "release": "Отметка снята.",
}


@bp.post("/mentors/runs/<row:run_id>/<any(pin, forbid, release):act>")
@needs("mentors.run")
def by_hand(run_id: int, act: str) -> Response:
    run = _asked(run_id, "mentors.run")
    mentee, mentor = _number(request.form.get("mentee", "")), _number(request.form.get("mentor", ""))
    BY_HAND[act](transaction.session(), asking(), run.id, mentee, mentor)
    flash(DONE[act])
    kept: dict[str, Any] = {name: value for name, value in _chosen().items() if value}
    return redirect(url_for("mentors.show", run_id=run.id, **kept), 303)


@bp.get("/mentors/runs/<row:run_id>/publish")
@needs("mentors.publish")
def confirm(run_id: int) -> str:
    return render_template("mentors/publish.html", run=_asked(run_id, "mentors.publish"), words=shown)


@bp.post("/mentors/runs/<row:run_id>/publish")
@needs("mentors.publish")
def publish(run_id: int) -> Response:
    run = _asked(run_id, "mentors.publish")
    count = runs.publish_run(transaction.session(), asking(), run.id)
    flash(f"Опубликовано пар: {count}. Теперь их должны согласовать педагоги и наставники.")
    return redirect(url_for("pairs.index", territory=run.territory), 303)


@bp.post("/mentors/runs/<row:run_id>/drop")
@needs("mentors.run")
def drop(run_id: int) -> Response:
    run = _asked(run_id, "mentors.run")
    runs.drop_run(transaction.session(), asking(), run.id)
    flash("Подбор удалён, ни одной пары не предложено.")
    return redirect(url_for("mentors.index", territory=run.territory), 303)
