"""The choice of activities and seats against every choice there is, in small cases drawn at random."""

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recommender.search.driver import NONE, PROVEN, search
from recommender.search.instance import Case

OPENS, CLOSES = (1, 101), (100, 200)
COST = 1e-3
Drawn = dict[str, Any]
Seat = tuple[int, int]
"""The place of an option among those of an activity, and a term."""

SHARES = st.sampled_from([0.0, 0.0, 0.3, 0.5, 0.5, 0.8, 1.0])


@st.composite
def options(draw: st.DrawFn, terms: int) -> Drawn:
    """Draw a delivery: without dates and in some terms, or dated in one of them."""
    if draw(st.booleans()):
        day = draw(st.integers(1, 190 if terms > 1 else 90))
        finish = min(day + draw(st.integers(0, 60)), 199)
        return {"terms": 1 << int(day > 100), "day": day, "finish": finish, "clash": draw(st.booleans()), "last": 999}
    last = draw(st.sampled_from([5, 120, 999]))
    bits = draw(st.integers(1, 2**terms - 1))
    return {"terms": bits, "day": 0, "finish": 0, "clash": False, "last": last}


@st.composite
def cases(draw: st.DrawFn) -> Drawn:
    count, deficits, terms = draw(st.integers(1, 6)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    return {
        "gains": [[draw(SHARES) for _ in range(deficits)] for _ in range(count)],
        "weights": [draw(st.sampled_from([0.1, 0.3, 1.0])) for _ in range(deficits)],
        "hours": [draw(st.sampled_from([4.0, 8.0, 16.0, 36.0])) for _ in range(count)],
        "kind": [draw(st.sampled_from([-1, -1, 0, 1])) for _ in range(count)],
        "minimum": [draw(st.integers(0, 1)) for _ in range(2)],
        # What is required always has a greater number, so that nothing requires itself in the end.
        "needs": [
            draw(st.lists(st.integers(a + 1, count - 1), max_size=1)) if a < count - 1 else [] for a in range(count)
        ],
        "rivals": draw(st.lists(st.sets(st.integers(0, count - 1), min_size=2, max_size=2), max_size=2))
        if count > 1
        else [],
        "options": [draw(st.lists(options(terms), min_size=1, max_size=2)) for _ in range(count)],
        "terms": terms,
        "total": draw(st.sampled_from([8.0, 20.0, 40.0, 72.0])),
        "term_hours": draw(st.sampled_from([16.0, 36.0, 72.0])),
        "most": draw(st.integers(0, 4)),
        "fixed": draw(st.lists(st.integers(0, count - 1), max_size=1)),
    }


def compiled(case: Drawn) -> Case:
    """Return a drawn case as the arrays that the search takes."""
    needs, offers = case["needs"], case["options"]
    flat = [option for of_one in offers for option in of_one]
    rivals = [sorted({b for pair in case["rivals"] if a in pair for b in pair - {a}}) for a in range(len(needs))]

    def ints(values: Any) -> NDArray[np.int64]:
        return np.array(values, dtype=np.int64)

    return Case(
        np.ascontiguousarray(np.array(case["gains"]).T),
        np.array(case["weights"]),
        np.array(case["hours"]),
        ints(case["kind"]),
        ints(case["minimum"]),
        ints(np.cumsum([0, *map(len, needs)])),
        ints([need for of_one in needs for need in of_one]),
        ints([sum(a in of_one for of_one in needs) for a in range(len(needs))]),
        ints(np.cumsum([0, *map(len, rivals)])),
        ints([rival for of_one in rivals for rival in of_one]),
        ints(np.cumsum([0, *map(len, offers)])),
        ints([option["terms"] for option in flat]),
        ints([option["day"] for option in flat]),
        ints([option["finish"] for option in flat]),
        ints([option["last"] for option in flat]),
        np.array([option["clash"] for option in flat], dtype=bool),
        ints(OPENS[: case["terms"]]),
        ints(CLOSES[: case["terms"]]),
        case["total"],
        np.full(case["terms"], case["term_hours"]),
        case["most"],
        COST,
    )


def value_of(chosen: Sequence[int], case: Drawn) -> float:
    covered = np.array(case["gains"])[list(chosen)].sum(axis=0) if chosen else np.zeros(len(case["weights"]))
    return float(np.minimum(covered, 1.0) @ case["weights"] - COST * sum(case["hours"][a] for a in chosen))


def allowed(chosen: Sequence[int], case: Drawn) -> bool:
    """Say whether activities may be in a route together, seats apart."""
    kinds = [case["kind"][a] for a in chosen]
    return (
        len(chosen) <= case["most"]
        and sum(case["hours"][a] for a in chosen) <= case["total"] + 1e-6
        and all(kinds.count(kind) >= least for kind, least in enumerate(case["minimum"]))
        and set(case["fixed"]) <= set(chosen)
        and all(set(case["needs"][a]) <= set(chosen) for a in chosen)
        and not any(pair <= set(chosen) for pair in case["rivals"])
    )


def seated(seats: Mapping[int, Seat], case: Drawn) -> bool:
    """Say whether seats {activity: (option, term)} agree with one another."""
    hours = [sum(case["hours"][a] for a, (_, term) in seats.items() if term == t) for t in range(case["terms"])]
    if max(hours) > case["term_hours"] + 1e-6:
        return False
    for a, b in combinations(seats, 2):
        one, two = case["options"][a][seats[a][0]], case["options"][b][seats[b][0]]
        if one["clash"] and two["clash"] and one["day"] <= two["finish"] and two["day"] <= one["finish"]:
            return False
    return all(in_time(seats[a], a, seats[need], need, case) for a in seats for need in case["needs"][a])


def in_time(seat: Seat, a: int, other_seat: Seat, need: int, case: Drawn) -> bool:
    option, other = case["options"][a][seat[0]], case["options"][need][other_seat[0]]
    if case["terms"] > 1 and other_seat[1] >= seat[1]:
        return False
    latest = option["day"] or min(CLOSES[seat[1]], option["last"])
    over = other["finish"] if other["day"] else OPENS[other_seat[1]]
    return bool(max(option["day"] or OPENS[seat[1]], over + 1) <= latest)


def all_seats(a: int, case: Drawn) -> list[Seat]:
    return [
        (o, t) for o, option in enumerate(case["options"][a]) for t in range(case["terms"]) if option["terms"] >> t & 1
    ]


def best_value(case: Drawn) -> float | None:
    """Return the value of the best choice of all, None where there is none."""
    count = len(case["hours"])
    sets = (chosen for size in range(count + 1) for chosen in combinations(range(count), size))
    values = [
        value_of(chosen, case)
        for chosen in sets
        if allowed(chosen, case)
        and any(
            seated(dict(zip(chosen, seats, strict=True)), case)
            for seats in product(*(all_seats(a, case) for a in chosen))
        )
    ]
    return max(values, default=None)


@settings(max_examples=400, deadline=None)
@given(cases(), st.sampled_from([0.0, 0.01, 0.2]))
def test_a_choice_is_as_good_as_its_certificate_says(case: Drawn, gap: float) -> None:
    fixed = np.array(case["fixed"], dtype=np.int64)
    taken, option, term, value, bound, _, ended = search(compiled(case), fixed, gap, 10_000)
    best = best_value(case)
    if best is None:
        assert ended == NONE
        return
    assert ended == PROVEN
    first = np.cumsum([0, *map(len, case["options"])])
    seats = {a: (o - first[a], t) for a, o, t in zip(taken.tolist(), option.tolist(), term.tolist(), strict=True)}
    assert allowed(tuple(seats), case)
    assert not seats or seated(seats, case)
    assert value == pytest.approx(value_of(tuple(seats), case), abs=1e-9)
    assert value <= best + 1e-9 <= bound + 2e-9
    assert best <= 0 or value >= (1 - gap) * best - 1e-9


@settings(max_examples=100, deadline=None)
@given(cases())
def test_a_search_that_stops_early_still_has_a_bound_that_holds(case: Drawn) -> None:
    *_, value, bound, nodes, ended = search(compiled(case), np.zeros(0, dtype=np.int64), 0.0, 1)
    best = best_value({**case, "fixed": []})
    assert nodes <= 1
    if best is not None:
        assert bound >= best - 1e-9
        assert ended == PROVEN or value <= best + 1e-9


def test_a_required_step_that_costs_more_than_all_others_bring_leaves_a_proof_and_not_a_search_through_everything() -> (
    None
):
    random, count = np.random.default_rng(5), 80
    plain = {"terms": 1, "day": 0, "finish": 0, "clash": False, "last": 999}
    case = {
        "gains": random.choice([0.0, 0.1, 0.2, 0.3, 0.5], (count, 6)),
        # All deficits together are worth less than the hours of the shortest formal step.
        "weights": random.uniform(0.0004, 0.003, 6),
        "hours": [*random.choice([0.1, 0.2, 0.3], count - 4), 16.0, 16.0, 18.0, 24.0],
        "kind": [*[-1] * (count - 4), *[1] * 4],
        "minimum": [0, 1],
        "needs": [[] for _ in range(count)],
        "rivals": [],
        "options": [[plain] for _ in range(count)],
        "terms": 1,
        "total": 108.0,
        "term_hours": 108.0,
        "most": 8,
        "fixed": [],
    }
    *_, value, bound, nodes, ended = search(compiled(case), np.array([], dtype=np.int64), 0.01, 20_000)
    assert ended == PROVEN and value < 0.0 and bound - value <= 0.01 * abs(value) + 1e-9
    assert nodes < 2_000
