"""What would give an uncovered mentee a mentor: the cheapest change, from asking for agreement to a new mentor."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from recommender.assignment.flow import Ints
from recommender.assignment.sensitivity import Exchanges, one_more_place
from recommender.mentoring.fit import MILLION
from recommender.mentoring.pairing import Pairing, Region
from recommender.mentoring.pricing import NONE, PairQuery, select_pairs
from recommender.mentoring.table import build_table
from recommender.mentoring.values import MEETING_FORMATS, Mentee, Mentor, PairRules
from recommender.route import Reason


@dataclass(frozen=True)
class Circumstances:
    """What decides who may be paired with whom; a relaxation returns changed ones."""

    rules: PairRules
    mentees: tuple[Mentee, ...]
    mentors: tuple[Mentor, ...]
    bans: tuple[tuple[int, int], ...]


def _distance_for_mentees(now: Circumstances) -> Circumstances:
    both = frozenset(MEETING_FORMATS)
    return replace(
        now,
        rules=replace(now.rules, distance=True),
        mentees=tuple(replace(one, formats=both) for one in now.mentees),
    )


def _distance_for_all(now: Circumstances) -> Circumstances:
    now = _distance_for_mentees(now)
    return replace(now, mentors=tuple(replace(one, formats=frozenset(MEETING_FORMATS)) for one in now.mentors))


def _declines_withdrawn(now: Circumstances) -> Circumstances:
    nobody: frozenset[str] = frozenset()
    return replace(
        now,
        mentees=tuple(replace(one, declined=nobody) for one in now.mentees),
        mentors=tuple(replace(one, declined=nobody) for one in now.mentors),
    )


Relaxation = Callable[[Circumstances], Circumstances]

AGREEMENTS: Final[Mapping[str, Relaxation]] = MappingProxyType(
    {
        "allow_distance": _distance_for_mentees,
        "ask_mentor_distance": _distance_for_all,
        "widen_reach": lambda now: replace(now, rules=replace(now.rules, reach="territory")),
        "waive_contest": lambda now: replace(now, rules=replace(now.rules, contest_required=False)),
        "waive_experience": lambda now: replace(now, rules=replace(now.rules, experience_years=None)),
        "waive_strength": lambda now: replace(now, rules=replace(now.rules, strength_required=False)),
        "waive_subject": lambda now: replace(now, rules=replace(now.rules, same_subject=False)),
    }
)
"""Changes that cost nobody work, one at a time, the cheapest first; each must lead to a mentor with a free place."""

RECONSIDERATIONS: Final[Mapping[str, Relaxation]] = MappingProxyType(
    {"lift_ban": lambda now: replace(now, bans=()), "talk_again": _declines_withdrawn}
)
"""Changes that ask people to go back on a decision; they come after one more place, and need a free one too."""


def remedies_of(pairing: Pairing, exchanges: Exchanges, reasons: Mapping[int, Reason]) -> dict[int, Reason]:
    """Return the cheapest remedy for each uncovered mentee (a row with the reason)."""
    region = pairing.region
    own = {"mentee_consent": Reason("ask_consent"), "mentee_group": Reason("other_kind")}
    remedies = {row: own[reason.code] for row, reason in reasons.items() if reason.code in own}
    mentor_of = pairing.assignment.mentor_of
    free = region.table.places - np.bincount(mentor_of[mentor_of >= 0], minlength=len(region.mentors))
    for code, relax in AGREEMENTS.items():
        remedies |= _relaxed(region, _waiting(reasons, remedies), code, relax, free)
    remedies |= _more_places(region, exchanges, _waiting(reasons, remedies))
    for code, relax in RECONSIDERATIONS.items():
        remedies |= _relaxed(region, _waiting(reasons, remedies), code, relax, free)
    for row in _waiting(reasons, remedies):
        mentee = region.mentees[row]
        values = (("competency", mentee.heaviest_need), ("municipality", mentee.municipality))
        remedies[row] = Reason("invite_mentor", values)
    return remedies


def _waiting(reasons: Mapping[int, Reason], remedies: Mapping[int, Reason]) -> list[int]:
    return [row for row in reasons if row not in remedies]


def _relaxed(region: Region, waiting: list[int], code: str, relax: Relaxation, free: Ints) -> dict[int, Reason]:
    """Return this remedy for those whom it would lead to a mentor with a free place."""
    place = {row: at for at, row in enumerate(waiting)}
    bans = tuple((place[row], column) for row, column in region.forbidden if row in place)
    now = Circumstances(region.rules, tuple(region.mentees[row] for row in waiting), region.mentors, bans)
    then = relax(now)
    if not waiting or then == now:
        return {}
    found = _best_mentors(region, then, free)
    return {
        waiting[at]: Reason(code, (("mentor", region.mentors[column].key), ("fit", units / MILLION)))
        for at, (column, units) in found.items()
    }


def _more_places(region: Region, exchanges: Exchanges, waiting: list[int]) -> dict[int, Reason]:
    """Return where one more place helps; a mentor who had none from the start is looked at apart."""
    advice = one_more_place(exchanges, waiting)
    rest = [row for row in waiting if row not in advice]
    place = {row: at for at, row in enumerate(rest)}
    bans = tuple((place[row], column) for row, column in region.forbidden if row in place)
    now = Circumstances(region.rules, tuple(region.mentees[row] for row in rest), region.mentors, bans)
    found = _best_mentors(region, now, np.ones_like(region.table.places)) if rest else {}
    advice |= {rest[at]: (column, units / MILLION) for at, (column, units) in found.items()}
    return {
        row: Reason("add_place", (("mentor", region.mentors[column].key), ("gain", gain)))
        for row, (column, gain) in advice.items()
    }


def _best_mentors(region: Region, people: Circumstances, places: Ints) -> dict[int, tuple[int, int]]:
    """Return the best mentor with places for each mentee who has one, with the millionths of the fit."""
    table = build_table(people.mentees, people.mentors, people.rules, region.neighbours, people.bans)
    asking = PairQuery(
        mentees=np.ones(len(people.mentees), dtype=np.bool_),
        places=places,
        price=np.zeros(len(places), dtype=np.int64),
        surplus=np.full(len(people.mentees), NONE),
        fit_weight=1,
        floor=1,
        best=1,
        spread=0,
    )
    (rows, columns, units), _ = select_pairs(table, asking)
    return {int(row): (int(column), int(unit)) for row, column, unit in zip(rows, columns, units, strict=True)}
