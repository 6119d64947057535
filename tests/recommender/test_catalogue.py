"""The array form of a catalogue says what its activities say."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from recommender.activity import Activity
from recommender.catalogue import Catalogue, build_catalogue
from recommender.framework import Framework
from recommender.refusals import Refused
from recommender.territory import Territory


@pytest.fixture
def build(framework: Framework, territory: Territory) -> Callable[..., Catalogue]:
    return lambda *activities: build_catalogue(activities, framework, territory, "v1")


def test_the_order_of_activities_is_that_of_their_codes(
    build: Callable[..., Catalogue], activity: Callable[..., Activity]
) -> None:
    catalogue = build(activity("B"), activity("A"))
    assert [a.code for a in catalogue.activities] == ["A", "B"]
    assert dict(catalogue.position) == {"A": 0, "B": 1}


@pytest.mark.parametrize(
    ("kind", "hours", "prior"), [("pk", 16.0, 0.4), ("pk", 35.9, 0.4), ("pk", 36.0, 0.7), ("pk", 15.0, 0.0)]
)
def test_the_prior_is_that_of_the_largest_number_of_hours_reached(
    build: Callable[..., Catalogue], activity: Callable[..., Activity], kind: str, hours: float, prior: float
) -> None:
    assert build(activity("A", kind=kind, hours=hours)).prior.tolist() == [prior]


def test_a_gain_is_prior_times_relevance_and_half_of_it_for_a_proposal(
    build: Callable[..., Catalogue], activity: Callable[..., Activity]
) -> None:
    tags = build(activity("A", develops=(("M1", 0.8),), proposed=(("M2", 0.8),))).tags
    assert tags.gain.tolist() == pytest.approx([0.4, 0.2])
    assert tags.spread.tolist() == pytest.approx([0.16, 0.08])


def test_each_competency_lists_its_activities(
    build: Callable[..., Catalogue], activity: Callable[..., Activity], framework: Framework
) -> None:
    catalogue = build(activity("A"), activity("B", develops=(("M1", 1.0), ("D2", 1.0))), activity("C", develops=()))
    listed = {c.code: catalogue.tags.links.of(row).tolist() for row, c in enumerate(framework.competencies)}
    assert listed == {"M1": [0, 1], "M2": [], "S1": [], "D1": [], "D2": [1]}


def test_more_subjects_than_bits_in_a_word_are_kept_apart(
    build: Callable[..., Catalogue], activity: Callable[..., Activity]
) -> None:
    catalogue = build(*(activity(f"{number:03}", subjects=(f"Предмет {number}",)) for number in range(130)))
    shared = catalogue.subjects & catalogue.subject_mask(["предмет 129", "Неизвестный"])
    assert np.flatnonzero(shared.any(axis=1)).tolist() == [129]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "holiday"}, "unknown_activity_kind"),
        ({"format": "by_post"}, "unknown_format"),
        ({"audience": ("pupils",)}, "unknown_audience"),
        ({"develops": (("X1", 1.0),)}, "unknown_competency"),
    ],
)
def test_unknown_words_are_refused(
    build: Callable[..., Catalogue], activity: Callable[..., Activity], change: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        build(activity("A", **change))
    assert refused.value.reason.code == code


def test_a_repeated_code_is_refused(build: Callable[..., Catalogue], activity: Callable[..., Activity]) -> None:
    with pytest.raises(Refused, match="repeated_activity: activity = A"):
        build(activity("A"), activity("A"))
