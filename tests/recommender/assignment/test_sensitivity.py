"""What another choice costs, against solving again with it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.assignment.sensitivity import next_best, one_more_place, prepare_exchanges
from recommender.mentors import solve

LEVELS = st.one_of(st.just(0.0), st.integers(1, 6).map(float), st.sampled_from([0.5, 1.25, 2.500001]))

Rows = tuple[tuple[int, int], ...]
Instance = tuple[NDArray[np.float64], NDArray[np.int64], Rows, Rows]
"""A fit, places, pins and bans."""


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    mentees, mentors = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    cells = draw(st.lists(LEVELS, min_size=mentees * mentors, max_size=mentees * mentors))
    places = np.array(draw(st.lists(st.integers(0, 3), min_size=mentors, max_size=mentors)))
    fit = np.array(cells).reshape(mentees, mentors)
    pinned = ((0, 0),) if draw(st.booleans()) and places[0] > 0 else ()
    banned = ((mentees - 1, mentors - 1),) if draw(st.booleans()) and mentees > 1 else ()
    return fit, places, pinned, banned


@pytest.mark.parametrize("objective", ["coverage", "total", "fairest"])
@given(instance=instances())
@settings(max_examples=100, deadline=None)
def test_the_cost_of_another_mentor_is_what_solving_with_that_pin_loses(objective: str, instance: Instance) -> None:
    fit, places, pinned, forbidden = instance
    rules: dict[str, Any] = {"objective": objective, "forbidden": forbidden}
    best = solve(csr_array(fit), places, pinned=pinned, **rules)
    exchanges = prepare_exchanges(csr_array(fit), places, best.mentor_of, pinned=pinned, **rules)
    level = best.certificate.worst if objective == "fairest" else 0
    allowed = np.where(fit >= level, fit, 0)
    for pair in pinned:
        allowed[pair] = fit[pair]
    for mentee in range(fit.shape[0]):
        if (mentee, 0) in pinned:
            assert next_best(exchanges, mentee) == ()
            continue
        expected = []
        for mentor in np.flatnonzero(allowed[mentee]).tolist():
            if places[mentor] - sum(held == mentor for _, held in pinned) < 1:
                continue
            if mentor == best.mentor_of[mentee] or (mentee, mentor) in forbidden:
                continue
            pins = (*pinned, (mentee, mentor))
            other = solve(
                csr_array(allowed),
                places,
                pinned=pins,
                forbidden=forbidden,
                objective="total" if objective == "total" else "coverage",
            )
            lost = best.certificate.coverage - other.certificate.coverage if objective != "total" else 0
            expected.append((lost, round(best.total - other.total, 6)))
        found = next_best(exchanges, mentee, count=len(places))
        told = sorted(expected)
        assert [lost for _, lost, _ in found] == [lost for lost, _ in told]
        assert [loss for _, _, loss in found] == pytest.approx([loss for _, loss in told], abs=1e-9)
        assert next_best(exchanges, mentee, count=2) == found[:2]


@given(instance=instances())
@settings(max_examples=100, deadline=None)
def test_one_more_place_where_it_is_advised_covers_the_mentee_with_that_gain(instance: Instance) -> None:
    fit, places, pinned, forbidden = instance
    rules: dict[str, Any] = {"pinned": pinned, "forbidden": forbidden}
    feasible = fit.copy()
    for pair in forbidden:
        feasible[pair] = 0
    feasible[:, places == 0] = 0
    best = solve(csr_array(feasible), places, **rules)
    exchanges = prepare_exchanges(csr_array(feasible), places, best.mentor_of, **rules)
    alone = np.flatnonzero(best.mentor_of < 0)
    advice = one_more_place(exchanges, alone)
    for mentee, (mentor, gain) in advice.items():
        others = [row for row in alone if row != mentee]
        wanted = feasible.copy()
        wanted[others] = 0
        gains = [
            solve(csr_array(wanted), places + (np.arange(len(places)) == more), **rules) for more in range(len(places))
        ]
        assert gains[mentor].certificate.coverage == best.certificate.coverage + 1
        reached = [one.total - best.total for one in gains if one.certificate.coverage > best.certificate.coverage]
        assert gain == pytest.approx(max(reached), abs=1e-9)
