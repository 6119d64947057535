"""Runs, pairs and programmes as the dictionaries that go out: names instead of keys, Russian words beside codes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from api.mentors import shown
from api.rendering import reason_text
from data.reference.loading import load_framework, load_territory
from models.jobs import JobRecord
from models.mentor_runs import MentorRunRecord, RunRowRecord
from models.pairs import FeedbackRecord, MeetingRecord, PairRecord
from models.people import PersonRecord
from models.programmes import MeasureRecord, ProgrammeRecord
from models.session import Session
from models.territories import framework_of
from recommender.mentoring.programme import last_day, month_span
from recommender.mentoring.swaps import HandChange

Titles = Mapping[str, str]
Names = Mapping[int, str]

PART_TEXTS: Final[Mapping[str, str]] = {
    **shown.PARTS,
    "possible": "пара возможна по правилам территории",
    "load": "у наставника уже есть подопечные",
    "unwanted_by_mentee": "педагог просил другого наставника",
    "unwanted_by_mentor": "наставник просил другого педагога",
}
MEASURE_KINDS: Final[Mapping[str, str]] = {
    "consultation": "консультация",
    "lesson_visit": "посещение урока",
    "joint_planning": "совместное планирование",
    "masterclass": "мастер-класс",
    "analysis": "разбор",
    "discussion": "обсуждение шага маршрута",
    "review": "подведение итогов",
}


def titles_of(session: Session, territory: str) -> Titles:
    """Return the titles of a territory's competencies by code."""
    framework = framework_of(session, territory, load_framework(load_territory(territory).framework))
    return {competency.code: competency.title for competency in framework.competencies}


def told_person(person: PersonRecord) -> dict[str, Any]:
    """Return who one of a pair is."""
    names = ("id", "full_name", "organisation", "municipality", "subjects")
    return {name: getattr(person, name) for name in names}


def told_run(run: MentorRunRecord) -> dict[str, Any]:
    """Return a run in a list."""
    names = ("id", "territory", "kind", "objective", "state", "earlier_id", "job_id", "covered", "mentees")
    moments = ("created_at", "computed_at", "published_at")
    return {
        **{name: getattr(run, name) for name in names},
        **{name: _iso(getattr(run, name)) for name in moments},
        "kind_text": shown.KINDS[run.kind],
        "objective_text": shown.OBJECTIVES[run.objective],
        "state_text": shown.RUN_STATES[run.state][0],
        "total": run.total,
    }


def told_whole_run(
    run: MentorRunRecord, job: JobRecord | None, earlier: MentorRunRecord | None, changed: int, titles: Titles
) -> dict[str, Any]:
    """Return a run with its progress, certificate, shortages and the change against the run it was made from."""
    known = run.computed_at is not None
    certificate = {name: run.answer[name] for name in ("coverage_bound", "worst", "gap")} if known else None
    return {
        **told_run(run),
        "progress": None if job is None else _progress(job),
        "mentors": run.answer.get("mentors", 0),
        "places": run.answer.get("places", 0),
        "certificate": certificate and {"coverage": run.covered, "value": run.total, "bound": run.bound, **certificate},
        "shortages": [
            {**one, "title": titles.get(one["code"], one["code"])} for one in run.answer.get("shortages", [])
        ],
        "pinned": [_two(pair) for pair in run.pinned],
        "forbidden": [_two(pair) for pair in run.forbidden],
        "by_hand": run.answer.get("by_hand"),
        "earlier": earlier
        and {
            "id": earlier.id,
            "total_change": run.total - earlier.total,
            "covered_change": run.covered - earlier.covered,
            "mentees_changed": changed,
        },
    }


def _progress(job: JobRecord) -> dict[str, Any]:
    told = {name: getattr(job, name) for name in ("state", "done", "total", "error")}
    return {**told, "seconds_left": job.seconds_left(datetime.now(UTC))}


def _two(pair: Sequence[int]) -> dict[str, int]:
    return {"mentee_id": pair[0], "mentor_id": pair[1]}


def told_row(
    run: MentorRunRecord, line: tuple[RunRowRecord, PersonRecord, PersonRecord | None], names: Names, titles: Titles
) -> dict[str, Any]:
    """Return a mentee of a run with the proposed mentor, or with the reason for none and what would help."""
    row, mentee, mentor = line
    pair = [row.mentee_id, row.mentor_id]
    return {
        "mentee": told_person(mentee),
        "mentor": mentor and told_person(mentor),
        "pinned": row.pinned,
        "fit": row.fit,
        "format": row.format or None,
        "parts": told_parts(row.parts, titles),
        "following": told_following(row.following, names),
        "reason": _reason(row.reason, names, titles),
        "remedy": _reason(row.remedy, names, titles),
        "to_pin": pair in run.pinned,
        "to_forbid": pair in run.forbidden,
    }


def _reason(reason: Mapping[str, Any] | None, names: Names, titles: Titles) -> dict[str, Any] | None:
    return None if reason is None else {**reason, "text": shown.told_text(reason, names, titles)}


def told_parts(parts: Iterable[Mapping[str, Any]], titles: Titles) -> list[dict[str, Any]]:
    """Return the contributions to a fit, largest first, with words."""
    ordered = sorted(parts, key=lambda part: (-part["value"], part["code"], part["competency"]))
    return [{**part, "competency": part["competency"] or None, "text": _part_text(part, titles)} for part in ordered]


def _part_text(part: Mapping[str, Any], titles: Titles) -> str:
    if part["code"] == "competency":
        return f"силён в «{titles.get(part['competency'], part['competency'])}»"
    return PART_TEXTS[part["code"]]


def told_change(change: HandChange) -> dict[str, Any]:
    """Return one way to give a mentee a mentor by hand."""
    other = int(change.other) if change.other else None
    return {"other_id": other, "coverage": change.coverage, "total": change.total, "lifted": change.lifted}


def told_following(following: Iterable[Mapping[str, Any]], names: Names) -> list[dict[str, Any]]:
    """Return the next best mentors and what each would cost the whole; one beyond reach has no name."""
    costs = ("fit", "coverage_loss", "total_loss")
    return [
        {"mentor_id": one["mentor"], "full_name": names.get(one["mentor"]), **{name: one[name] for name in costs}}
        for one in following
    ]


def told_pair(pair: PairRecord, mentee: PersonRecord, mentor: PersonRecord) -> dict[str, Any]:
    """Return a pair in a list."""
    names = ("id", "territory", "kind", "state", "run_id", "fit", "closing_reason", "order_number", "to_replace")
    days = ("proposed_on", "mentee_agreed_on", "mentor_agreed_on", "order_date", "starts", "ends", "closed_on")
    return {
        **{name: getattr(pair, name) for name in names},
        **{name: _iso(getattr(pair, name)) for name in days},
        "kind_text": shown.KINDS[pair.kind],
        "state_text": shown.PAIR_STATES[pair.state][0],
        "format": pair.format or None,
        "declined_by": pair.declined_by or None,
        "mentee": told_person(mentee),
        "mentor": told_person(mentor),
    }


def told_meeting(meeting: MeetingRecord) -> dict[str, Any]:
    """Return a meeting of a pair."""
    return {"id": meeting.id, "held_on": _iso(meeting.held_on), "topic": meeting.topic, "outcome": meeting.outcome}


def told_feedback(feedback: FeedbackRecord) -> dict[str, Any]:
    """Return what one side said of a pair."""
    return {
        "side": feedback.side,
        "mark": feedback.mark,
        "comment": feedback.comment,
        "given_at": _iso(feedback.given_at),
    }


def told_programme(
    pair: PairRecord, programme: ProgrammeRecord, measures: Sequence[MeasureRecord], titles: Titles
) -> dict[str, Any]:
    """Return a programme with its note, goals and measures by month; months count from the first day of the pair."""
    starts = pair.starts or programme.starts
    return {
        "pair_id": pair.id,
        "months": programme.months,
        "starts": starts.isoformat(),
        "ends": last_day(starts, programme.months).isoformat(),
        "made_at": _iso(programme.made_at),
        "changed_at": _iso(programme.changed_at),
        "note": [{**reason, "text": reason_text(reason)} for reason in programme.note],
        "goals": programme.goals,
        "measures": [told_measure(measure, starts, titles) for measure in measures],
        "done": sum(measure.done_on is not None for measure in measures),
    }


def told_measure(measure: MeasureRecord, starts: date, titles: Titles) -> dict[str, Any]:
    """Return a measure: its own words where the two wrote some, else the sentences of what was computed."""
    first, last = month_span(starts, measure.month)
    return {
        "id": measure.id,
        "month": measure.month,
        "month_starts": first.isoformat(),
        "month_ends": last.isoformat(),
        "kind": measure.kind,
        "kind_text": MEASURE_KINDS[measure.kind],
        "competency": measure.competency or None,
        "competency_title": titles.get(measure.competency, measure.competency) or None,
        "activity": measure.activity or None,
        "text": measure.text or (reason_text(measure.what) if measure.what else ""),
        "result": measure.result or (reason_text(measure.expected) if measure.expected else ""),
        "own": bool(measure.text),
        "done_on": _iso(measure.done_on),
    }


def _iso(value: date | datetime | None) -> str | None:
    return None if value is None else value.isoformat()
