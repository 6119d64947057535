"""Runs and their rows as the dictionaries that go out: names instead of keys, Russian words beside codes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from api.access import Sight
from api.mentors import labels
from api.mentors.serializers import Names, Titles, iso, next_mentor_answers, part_answers, person_answer
from api.policy import FieldGroup
from models.jobs import JobRecord
from models.mentor_runs import MentorRunRecord, RunRowRecord
from models.people import PersonRecord
from recommender.mentoring.swaps import HandChange


def run_answer(run: MentorRunRecord) -> dict[str, Any]:
    """Return a run in a list."""
    names = ("id", "territory", "kind", "objective", "state", "earlier_id", "job_id", "covered", "mentees")
    moments = ("created_at", "computed_at", "published_at")
    return {
        **{name: getattr(run, name) for name in names},
        **{name: iso(getattr(run, name)) for name in moments},
        "kind_text": labels.KINDS[run.kind],
        "objective_text": labels.OBJECTIVES[run.objective],
        "state_text": labels.RUN_STATES[run.state][0],
        "total": run.total,
    }


def whole_run_answer(
    run: MentorRunRecord, job: JobRecord | None, earlier: MentorRunRecord | None, changed: int, titles: Titles
) -> dict[str, Any]:
    """Return a run with its progress, certificate, shortages and the change against the run it was made from."""
    known = run.computed_at is not None
    certificate = {name: run.answer[name] for name in ("coverage_bound", "worst", "gap")} if known else None
    return {
        **run_answer(run),
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


def row_answer(
    run: MentorRunRecord,
    line: tuple[RunRowRecord, PersonRecord, PersonRecord | None],
    names: Names,
    titles: Titles,
    sight: Sight,
) -> dict[str, Any]:
    """Return a mentee of a run with the proposed mentor, or with the reason for none and what would help."""
    sight.need(FieldGroup.RESULTS)
    row, mentee, mentor = line
    pair = [row.mentee_id, row.mentor_id]
    return {
        "mentee": person_answer(mentee),
        "mentor": mentor and person_answer(mentor),
        "pinned": row.pinned,
        "fit": row.fit,
        "format": row.format or None,
        "parts": part_answers(row.parts, titles),
        "following": next_mentor_answers(row.following, names),
        "reason": _reason(row.reason, names, titles),
        "remedy": _reason(row.remedy, names, titles),
        "to_pin": pair in run.pinned,
        "to_forbid": pair in run.forbidden,
    }


def _reason(reason: Mapping[str, Any] | None, names: Names, titles: Titles) -> dict[str, Any] | None:
    return None if reason is None else {**reason, "text": labels.reason_sentence(reason, names, titles)}


def change_answer(change: HandChange) -> dict[str, Any]:
    """Return one way to give a mentee a mentor by hand."""
    other = int(change.other) if change.other else None
    return {"other_id": other, "coverage": change.coverage, "total": change.total, "lifted": change.lifted}
