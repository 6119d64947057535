"""Runs and their rows as the dictionaries that go out: names instead of keys, Russian words beside codes."""

from collections.abc import Sequence
from datetime import UTC, datetime

from api.access import Sight
from api.mentors import labels
from api.mentors.runs.answers import (
    HandOffer,
    ListedRun,
    RunCertificate,
    RunChange,
    RunProgress,
    RunReason,
    RunRow,
    TwoIds,
    WholeRun,
)
from api.mentors.serializers import Names, Titles, next_mentor_answers, part_answers, person_answer
from api.policy import FieldGroup
from models.jobs import JobRecord
from models.mentor_runs import MentorRunRecord, RunRowRecord
from models.people import PersonRecord
from recommender.mentoring.reasons import KeptReason
from recommender.mentoring.swaps import HandChange


def run_answer(run: MentorRunRecord) -> ListedRun:
    """Return a run in a list."""
    return {
        "id": run.id,
        "territory": run.territory,
        "kind": run.kind,
        "objective": run.objective,
        "state": run.state,
        "earlier_id": run.earlier_id,
        "job_id": run.job_id,
        "covered": run.covered,
        "mentees": run.mentees,
        "created_at": run.created_at,
        "computed_at": run.computed_at,
        "published_at": run.published_at,
        "kind_text": labels.KINDS[run.kind],
        "objective_text": labels.OBJECTIVES[run.objective],
        "state_text": labels.RUN_STATES[run.state][0],
        "total": run.total,
    }


def whole_run_answer(
    run: MentorRunRecord, job: JobRecord | None, earlier: MentorRunRecord | None, changed: int, titles: Titles
) -> WholeRun:
    """Return a run with its progress, certificate, shortages and the change against the run it was made from."""
    return {
        **run_answer(run),
        "progress": None if job is None else _progress(job),
        "mentors": run.answer.get("mentors", 0),
        "places": run.answer.get("places", 0),
        "certificate": None if run.computed_at is None else _certificate(run),
        "shortages": [
            {**one, "title": titles.get(one["code"], one["code"])} for one in run.answer.get("shortages", [])
        ],
        "pinned": [_two(pair) for pair in run.pinned],
        "forbidden": [_two(pair) for pair in run.forbidden],
        "by_hand": run.answer.get("by_hand"),
        "earlier": None if earlier is None else _against(run, earlier, changed),
    }


def _certificate(run: MentorRunRecord) -> RunCertificate:
    return {
        "coverage": run.covered,
        "value": run.total,
        "bound": run.bound,
        "coverage_bound": run.answer["coverage_bound"],
        "worst": run.answer["worst"],
        "gap": run.answer["gap"],
    }


def _against(run: MentorRunRecord, earlier: MentorRunRecord, changed: int) -> RunChange:
    return {
        "id": earlier.id,
        "total_change": run.total - earlier.total,
        "covered_change": run.covered - earlier.covered,
        "mentees_changed": changed,
    }


def _progress(job: JobRecord) -> RunProgress:
    return {
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "error": job.error,
        "seconds_left": job.seconds_left(datetime.now(UTC)),
    }


def _two(pair: Sequence[int]) -> TwoIds:
    return {"mentee_id": pair[0], "mentor_id": pair[1]}


def row_answer(
    run: MentorRunRecord,
    line: tuple[RunRowRecord, PersonRecord, PersonRecord | None],
    names: Names,
    titles: Titles,
    sight: Sight,
) -> RunRow:
    """Return a mentee of a run with the proposed mentor, or with the reason for none and what would help."""
    sight.need(FieldGroup.RESULTS)
    row, mentee, mentor = line
    pair = [row.mentee_id, row.mentor_id]
    return {
        "mentee": person_answer(mentee),
        "mentor": None if mentor is None else person_answer(mentor),
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


def _reason(reason: KeptReason | None, names: Names, titles: Titles) -> RunReason | None:
    return None if reason is None else {**reason, "text": labels.reason_sentence(reason, names, titles)}


def change_answer(change: HandChange) -> HandOffer:
    """Return one way to give a mentee a mentor by hand."""
    other = int(change.other) if change.other else None
    return {"other_id": other, "coverage": change.coverage, "total": change.total, "lifted": change.lifted}
