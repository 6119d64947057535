"""Scoring through the inverted index gives what brute force gives, whatever the threads and the ties."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.scoring import NONE, best_activities, postings_of

# Few distinct values make many ties, and sums of them are exact.
VALUES = st.sampled_from([0.0, 0.0, 0.25, 0.5, 1.0])

Tables = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]


@st.composite
def tables(draw: st.DrawFn) -> Tables:
    people, activities, competencies = draw(st.integers(0, 5)), draw(st.integers(0, 12)), draw(st.integers(1, 6))
    needs = [[draw(VALUES) for _ in range(competencies)] for _ in range(people)]
    gains = [[draw(VALUES) for _ in range(competencies)] for _ in range(activities)]
    barred = [[draw(st.booleans()) for _ in range(activities)] for _ in range(2)]
    group = [draw(st.integers(0, 1)) for _ in range(people)]
    return (
        np.array(needs).reshape(people, competencies),
        np.array(gains).reshape(activities, competencies),
        np.array(barred, dtype=bool).reshape(2, activities),
        np.array(group, dtype=int),
    )


def by_force(
    needs: NDArray[np.float64],
    gains: NDArray[np.float64],
    count: int,
    barred: NDArray[np.bool_],
    group: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    activity = np.full((len(needs), count), NONE)
    score = np.zeros((len(needs), count))
    for person, row in enumerate(needs):
        scores = [(-float(row @ gain), index) for index, gain in enumerate(gains) if not barred[group[person]][index]]
        best = sorted(pair for pair in scores if pair[0] < 0)[:count]
        for place, (value, index) in enumerate(best):
            activity[person, place], score[person, place] = index, -value
    return activity, score


@settings(max_examples=300, deadline=None)
@given(tables(), st.integers(0, 5), st.integers(1, 2))
def test_the_best_are_those_of_brute_force(tables: Tables, count: int, threads: int) -> None:
    needs, gains, barred, group = tables
    found = best_activities(
        csr_array(needs), postings_of(csr_array(gains)), count, barred=barred, group=group, threads=threads
    )
    activity, score = by_force(needs, gains, count, barred, group)
    assert found.activity.tolist() == activity.tolist()
    assert found.score.tolist() == score.tolist()


def test_many_people_in_several_chunks_get_what_each_gets_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommender.scoring.CHUNK", 7)
    random = np.random.default_rng(0)
    needs = csr_array(random.random((60, 20)) * (random.random((60, 20)) < 0.3))
    postings = postings_of(csr_array(random.random((90, 20)) * (random.random((90, 20)) < 0.2)))
    found = best_activities(needs, postings, 5, threads=2)
    alone = [best_activities(needs[[person]], postings, 5) for person in range(60)]
    assert found.activity.tolist() == [one.activity[0].tolist() for one in alone]
    assert found.score.tolist() == [one.score[0].tolist() for one in alone]


@pytest.mark.parametrize(
    "needs, gains, rules",
    [
        ([[-1.0]], [[1.0]], {}),
        ([[1.0]], [[-1.0]], {}),
        ([[1.0, 1.0]], [[1.0]], {}),
        ([[1.0]], [[1.0]], {"barred": np.zeros((1, 2), bool), "group": np.zeros(1, int)}),
        ([[1.0]], [[1.0]], {"barred": np.zeros((1, 1), bool), "group": np.zeros(2, int)}),
    ],
)
def test_what_has_no_meaning_is_refused(
    needs: list[list[float]], gains: list[list[float]], rules: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="must"):
        best_activities(csr_array(np.array(needs)), postings_of(csr_array(np.array(gains))), 1, **rules)
