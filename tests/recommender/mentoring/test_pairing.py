"""From people and rules to pairs: the fit, the rules, the best over all feasible pairs, and what is said about them."""

import random
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from recommender.diagnostics import Person
from recommender.mentoring.explanations import exchanges_of, next_mentors, shortages, uncovered
from recommender.mentoring.fit import MILLION, barriers, fit_parts
from recommender.mentoring.pairing import KeyPairs, Pairing, assign, build_fit
from recommender.mentoring.pairing_faults import pairing_faults
from recommender.mentoring.participants import KIND_RULES, groups_of, team_needs, team_strengths
from recommender.mentoring.reasons import CONFLICTS, PAIR_FAULTS, PARTS, REMEDIES, UNCOVERED
from recommender.mentoring.values import FitWeights, Mentee, Mentor, Need, PairRules, Strength
from recommender.mentors import OBJECTIVES, PinConflict, solve
from recommender.vocabulary import PAIR_KINDS

NEAR = {"a": ("b",), "b": ("a", "c"), "c": ("b",)}
TOWNS = st.sampled_from(["a", "b", "c", "d"])
CODES = st.sampled_from(["c1", "c2", "c3"])
FORMATS = st.sampled_from([frozenset({"in_person"}), frozenset({"distance"}), frozenset({"in_person", "distance"})])
SUBJECTS = st.frozensets(st.sampled_from(["math", "art"]), max_size=2)
YEARS = st.one_of(st.none(), st.integers(0, 9).map(float))
KEYS = st.frozensets(st.sampled_from(["e0", "e1", "e2", "m0", "m1", "m2"]), max_size=2)
SHARE = st.floats(0, 1, allow_nan=False)


@st.composite
def mentees(draw: st.DrawFn, key: str) -> Mentee:
    weights = draw(st.dictionaries(CODES, st.floats(0.01, 3), max_size=3))
    return Mentee(
        key=key,
        needs=tuple(Need(code, weight) for code, weight in weights.items()),
        subjects=draw(SUBJECTS),
        municipality=draw(TOWNS),
        experience=draw(YEARS),
        groups=draw(st.sampled_from([frozenset({"teacher", "young"}), frozenset({"teacher", "experienced"})])),
        formats=draw(FORMATS),
        consent=draw(st.integers(0, 5)) > 0,
        waiting_days=draw(st.integers(0, 400)),
        earlier=tuple(draw(st.dictionaries(st.sampled_from(["m0", "m1"]), SHARE, max_size=1)).items()),
        wanted=draw(KEYS),
        unwanted=draw(KEYS),
        declined=draw(KEYS) if draw(st.integers(0, 3)) == 0 else frozenset(),
    )


@st.composite
def mentors(draw: st.DrawFn, key: str) -> Mentor:
    strengths = draw(st.dictionaries(CODES, st.tuples(SHARE, st.floats(0, 0.4)), max_size=3))
    return Mentor(
        key=key,
        strengths=tuple(Strength(code, *values) for code, values in strengths.items()),
        subjects=draw(SUBJECTS),
        municipality=draw(TOWNS),
        experience=draw(YEARS),
        groups=draw(st.sampled_from([frozenset({"teacher", "young"}), frozenset({"teacher", "experienced"})])),
        formats=draw(FORMATS),
        consent=draw(st.integers(0, 5)) > 0,
        contest=draw(st.booleans()),
        places=draw(st.one_of(st.none(), st.integers(0, 3))),
        load=draw(st.integers(0, 2)),
        wanted=draw(KEYS),
        unwanted=draw(KEYS),
        declined=draw(KEYS) if draw(st.integers(0, 3)) == 0 else frozenset(),
    )


Drawn = tuple[list[Mentee], list[Mentor], PairRules]


@st.composite
def regions(draw: st.DrawFn) -> Drawn:
    """Some people, a person who may be on both sides, and rules."""
    asking = [draw(mentees(f"e{number}")) for number in range(draw(st.integers(0, 5)))]
    giving = [draw(mentors(f"m{number}")) for number in range(draw(st.integers(0, 4)))]
    if draw(st.booleans()):
        giving.append(draw(mentors("e0")))
    rules = PairRules(
        kind="subject",
        mentee_groups=draw(st.sampled_from([frozenset({"teacher"}), frozenset({"young"})])),
        reach=draw(st.sampled_from(["municipality", "neighbours", "territory"])),
        distance=draw(st.booleans()),
        places=draw(st.integers(0, 2)),
        experience_years=draw(st.sampled_from([None, 2.0])),
        contest_required=draw(st.integers(0, 4)) == 0,
        same_subject=draw(st.booleans()),
        strength_required=draw(st.booleans()),
        strong_at=0.5,
        candidates=draw(st.sampled_from([1, 2, 40])),
    )
    return asking, giving, rules


def all_fits(asking: list[Mentee], giving: list[Mentor], rules: PairRules) -> dict[tuple[str, str], int]:
    """Every feasible pair with its fit in millionths, pair by pair."""
    return {
        (mentee.key, mentor.key): round(sum(part.value for part in fit_parts(mentee, mentor, rules, NEAR)) * MILLION)
        for mentee, mentor in product(asking, giving)
        if not barriers(mentee, mentor, rules, NEAR)
    }


@given(region=regions())
@settings(max_examples=80, deadline=None)
def test_the_array_form_measures_every_pair_as_the_sum_of_its_contributions(region: Drawn) -> None:
    asking, giving, rules = region
    people, fit, cut = build_fit(asking, giving, replace(rules, candidates=40), NEAR)
    assert not cut
    built = {
        (people.mentees[row].key, people.mentors[column].key): value
        for row, column, value in zip(*fit.nonzero(), fit.data, strict=True)
    }
    free = {one.key for one, places in zip(people.mentors, people.table.places, strict=True) if places}
    expected = {pair: units / MILLION for pair, units in all_fits(asking, giving, rules).items() if pair[1] in free}
    assert built == expected
    assert all(value > 0 for value in built.values())


@pytest.mark.parametrize("objective", OBJECTIVES)
@given(region=regions())
@settings(max_examples=50, deadline=None)
def test_looking_at_few_pairs_finds_what_looking_at_all_finds(objective: str, region: Drawn) -> None:
    asking, giving, rules = region
    few = assign(asking, giving, rules, NEAR, objective=objective)
    every = assign(asking, giving, replace(rules, candidates=40), NEAR, objective=objective)
    shown, best = few.assignment.certificate, every.assignment.certificate
    assert (shown.value, shown.gap) == (best.value, 0)
    if objective != "total":
        assert shown.coverage == best.coverage == shown.coverage_bound
    if objective == "fairest":
        assert shown.worst == best.worst == shown.worst_bound


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_looking_at_few_pairs_of_a_crowded_region_is_proven_over_all(objective: str) -> None:
    asking, giving = crowd(seed=1, mentees=150, mentors=60)
    rules = PairRules("subject", candidates=6, places=2)
    few = assign(asking, giving, rules, NEAR, objective=objective)
    every = assign(asking, giving, replace(rules, candidates=60), NEAR, objective=objective)
    assert few.rounds > 1
    assert few.assignment.total == pytest.approx(every.assignment.total, abs=1e-9)
    assert few.assignment.certificate.gap == 0
    assert few.assignment.certificate.worst == every.assignment.certificate.worst or objective != "fairest"


def crowd(seed: int, mentees: int, mentors: int) -> tuple[list[Mentee], list[Mentor]]:
    dice = random.Random(seed)
    asking = [
        Mentee(
            f"e{number:03}",
            needs=tuple(Need(f"c{dice.randrange(8)}", 0.1 + dice.random()) for _ in range(1)),
            municipality=dice.choice("abc"),
            waiting_days=dice.randrange(200),
        )
        for number in range(mentees)
    ]
    giving = [
        Mentor(
            f"m{number:03}",
            strengths=tuple(Strength(f"c{code}", 0.5 + dice.random() / 2, 0.1) for code in range(dice.randrange(9))),
            municipality=dice.choice("abc"),
        )
        for number in range(mentors)
    ]
    return asking, giving


@given(region=regions(), seed=st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_the_order_of_people_does_not_matter(region: Drawn, seed: int) -> None:
    asking, giving, rules = region
    straight = assign(asking, giving, rules, NEAR)
    shuffled = random.Random(seed)
    other = assign(shuffled.sample(asking, len(asking)), shuffled.sample(giving, len(giving)), rules, NEAR)
    assert straight.pairs == other.pairs
    assert uncovered(straight, exchanges_of(straight)) == uncovered(other, exchanges_of(other))


@given(region=regions())
@settings(max_examples=50, deadline=None)
def test_every_pair_keeps_the_rules_and_its_contributions_add_up(region: Drawn) -> None:
    asking, giving, rules = region
    pairing = assign(asking, giving, rules, NEAR)
    fits = all_fits(asking, giving, rules)
    for pair in pairing.pairs:
        assert sum(part.value for part in pair.parts) == pytest.approx(pair.fit, abs=1e-9)
        assert round(pair.fit * MILLION) == fits[pair.mentee, pair.mentor]
        assert {part.code for part in pair.parts} <= set(PARTS)
    assert pairing_faults(pairing) == ()
    assert sum(pair.fit for pair in pairing.pairs) == pytest.approx(pairing.assignment.total, abs=1e-9)


@given(region=regions())
@settings(max_examples=60, deadline=None)
def test_everyone_without_a_mentor_is_told_why_and_what_would_help(region: Drawn) -> None:
    asking, giving, rules = region
    pairing = assign(asking, giving, rules, NEAR)
    told = uncovered(pairing, exchanges_of(pairing))
    assert {one.mentee for one in told} | {pair.mentee for pair in pairing.pairs} == {one.key for one in asking}
    fits = all_fits(asking, giving, rules)
    for one in told:
        assert tuple(name for name, _ in one.reason.values) == UNCOVERED[one.reason.code]
        assert tuple(name for name, _ in one.remedy.values) == REMEDIES[one.remedy.code]
        feasible = [pair for pair in fits if pair[0] == one.mentee]
        assert (one.reason.code == "places_taken") == bool(feasible)


MENTEE = Mentee(
    "e1", (Need("c1", 1.0), Need("c2", 3.0)), frozenset({"math"}), "a", 1.0, frozenset({"teacher", "young"})
)
MENTOR = Mentor(
    "m1",
    (Strength("c1", 0.9, 0.1), Strength("c2", 0.8, 0.3)),
    frozenset({"math"}),
    "a",
    12.0,
    frozenset({"teacher", "experienced"}),
)


def test_a_fit_is_made_of_named_contributions() -> None:
    mentee = replace(MENTEE, waiting_days=90, wanted=frozenset({"m1"}), earlier=(("m1", 0.5),))
    mentor = replace(MENTOR, contest=True, load=1, unwanted=frozenset({"e1"}))
    parts = {(part.code, part.competency): part.value for part in fit_parts(mentee, mentor, PairRules("young"), NEAR)}
    assert parts == pytest.approx(
        {
            ("competency", "c1"): 5 * 0.25 * 0.8,
            ("competency", "c2"): 5 * 0.75 * 0.5,
            ("possible", ""): 3.0,
            ("subject", ""): 2.0,
            ("nearness", ""): 1.0,
            ("format", ""): 0.5,
            ("contest", ""): 0.5,
            ("wanted_by_mentee", ""): 1.0,
            ("unwanted_by_mentor", ""): -1.0,
            ("continuity", ""): 0.5,
            ("load", ""): -0.5 / 3,
            ("waiting", ""): 0.25,
        },
        abs=1e-6,
    )


@pytest.mark.parametrize(
    ("mentee", "mentor", "rules", "barred"),
    [
        ({}, {}, {}, ()),
        ({"consent": False}, {}, {}, ("mentee_consent",)),
        ({}, {"consent": False}, {}, ("mentor_consent",)),
        ({}, {"key": "e1"}, {}, ("self",)),
        ({}, {}, {"mentee_groups": frozenset({"manager"})}, ("mentee_group",)),
        ({}, {}, {"mentor_groups": frozenset({"team"})}, ("mentor_group",)),
        ({}, {}, {"contest_required": True}, ("contest",)),
        ({}, {"municipality": "c"}, {"distance": False}, ("reach",)),
        ({}, {"municipality": "c"}, {"distance": True}, ()),
        ({}, {"municipality": "b"}, {"distance": False}, ()),
        ({}, {"municipality": "b"}, {"distance": False, "reach": "municipality"}, ("reach",)),
        ({"formats": frozenset({"in_person"})}, {"formats": frozenset({"distance"})}, {}, ("reach",)),
        ({}, {}, {"experience_years": 11.0}, ()),
        ({}, {}, {"experience_years": 11.5}, ("experience",)),
        ({"experience": None}, {}, {"experience_years": 1.0}, ("experience",)),
        ({}, {"subjects": frozenset({"art"})}, {"same_subject": True}, ("subject",)),
        ({}, {}, {"strength_required": True, "strong_at": 0.95}, ("strength",)),
        ({}, {}, {"strength_required": True, "strong_at": 0.9}, ()),
        ({"declined": frozenset({"m1"})}, {}, {}, ("declined",)),
        ({}, {"declined": frozenset({"e1"})}, {}, ("declined",)),
    ],
)
def test_a_pair_is_barred_by_the_rule_that_it_breaks(
    mentee: dict[str, Any], mentor: dict[str, Any], rules: dict[str, Any], barred: tuple[str, ...]
) -> None:
    assert barriers(replace(MENTEE, **mentee), replace(MENTOR, **mentor), PairRules("young", **rules), NEAR) == barred


def run(mentee: dict[str, Any], mentor: dict[str, Any], rules: dict[str, Any], **options: Any) -> Pairing:
    return assign(
        [replace(MENTEE, **mentee)], [replace(MENTOR, **mentor)], PairRules("young", **rules), NEAR, **options
    )


@pytest.mark.parametrize(
    ("mentee", "mentor", "rules", "forbidden", "reason", "remedy"),
    [
        ({"consent": False}, {}, {}, [], "mentee_consent", "ask_consent"),
        ({}, {}, {"mentee_groups": frozenset({"team"})}, [], "mentee_group", "other_kind"),
        ({}, {"consent": False}, {}, [], "no_mentors", "invite_mentor"),
        ({}, {}, {"contest_required": True}, [], "no_mentors", "waive_contest"),
        ({}, {"municipality": "c"}, {"distance": False}, [], "no_reach", "allow_distance"),
        (
            {},
            {"municipality": "c", "formats": frozenset({"in_person"})},
            {"distance": False},
            [],
            "no_reach",
            "ask_mentor_distance",
        ),
        ({}, {}, {"experience_years": 20.0}, [], "no_experience", "waive_experience"),
        ({"subjects": frozenset({"art"})}, {}, {"same_subject": True}, [], "no_subject", "waive_subject"),
        ({}, {"strengths": ()}, {"strength_required": True}, [], "no_strength", "waive_strength"),
        ({"declined": frozenset({"m1"})}, {}, {}, [], "all_declined", "talk_again"),
        ({}, {}, {}, [("e1", "m1")], "all_forbidden", "lift_ban"),
        ({}, {"places": 0}, {}, [], "places_taken", "add_place"),
        ({}, {"load": 3}, {}, [], "places_taken", "add_place"),
        ({}, {"municipality": "c", "load": 3}, {"distance": False}, [], "no_reach", "invite_mentor"),
    ],
)
def test_the_reason_and_the_remedy_of_being_left_alone(
    mentee: dict[str, Any], mentor: dict[str, Any], rules: dict[str, Any], forbidden: KeyPairs, reason: str, remedy: str
) -> None:
    pairing = run(mentee, mentor, rules, forbidden=forbidden)
    (alone,) = uncovered(pairing, exchanges_of(pairing))
    assert (alone.reason.code, alone.remedy.code) == (reason, remedy)


@pytest.mark.parametrize(
    ("mentee", "mentor", "options", "code"),
    [
        ({}, {"consent": False}, {"pinned": [("e1", "m1")]}, "pinned_barred"),
        ({"declined": frozenset({"m1"})}, {}, {"pinned": [("e1", "m1")]}, "pinned_barred"),
        ({}, {"places": 0}, {"pinned": [("e1", "m1")]}, "pinned_beyond_places"),
        ({}, {}, {"pinned": [("e1", "m1")], "forbidden": [("e1", "m1")]}, "pinned_and_forbidden"),
        ({}, {}, {"pinned": [("e1", "m2")]}, "pinned_unknown"),
    ],
)
def test_a_pin_against_the_will_of_people_or_another_pin_is_refused(
    mentee: dict[str, Any], mentor: dict[str, Any], options: dict[str, Any], code: str
) -> None:
    with pytest.raises(PinConflict) as refused:
        run(mentee, mentor, {}, **options)
    assert refused.value.reason.code == code
    assert tuple(name for name, _ in refused.value.reason.values) == CONFLICTS[code]


def test_a_pin_lifts_the_rules_of_the_kind() -> None:
    rules = {"distance": False, "contest_required": True, "experience_years": 30.0}
    pairing = run({}, {"municipality": "c"}, rules, pinned=[("e1", "m1")])
    (pair,) = pairing.pairs
    assert pair.pinned
    assert pairing.assignment.total == pair.fit > 0


def test_faults_of_a_pair_are_found_by_its_people() -> None:
    pairing = run({}, {}, {})
    (pair,) = pairing.pairs
    refused = replace(pairing.region, mentors=(replace(MENTOR, consent=False),))
    wrong = {
        "fault_pair_fit": replace(pairing, pairs=(replace(pair, fit=99.0),)),
        "fault_pair_rule": replace(pairing, region=refused),
        "fault_pair_format": replace(pairing, pairs=(replace(pair, format="distance"),)),
    }
    for code, found in wrong.items():
        (fault,) = pairing_faults(found)
        assert fault.code == code
        assert tuple(name for name, _ in fault.values) == PAIR_FAULTS[code]


def test_pairs_other_than_those_of_the_assignment_are_faults() -> None:
    asking, giving = [replace(MENTEE, key=key) for key in ("e1", "e2")], [replace(MENTOR, key="m1", places=2)]
    pairing = assign(asking, giving, PairRules("young"), NEAR)
    first, second = pairing.pairs
    for wrong in ((first,), (first, first, second), (first, replace(second, pinned=True)), ()):
        faults = pairing_faults(replace(pairing, pairs=wrong))
        assert faults and {fault.code for fault in faults} == {"fault_pair_row"}
        assert {tuple(name for name, _ in fault.values) for fault in faults} == {PAIR_FAULTS["fault_pair_row"]}
    assert pairing_faults(pairing) == ()


def test_the_next_best_mentors_are_named_with_what_they_cost() -> None:
    giving = [replace(MENTOR, key=f"m{number}", contest=number == 1, places=1) for number in range(1, 4)]
    giving[1] = replace(giving[1], municipality="b")
    pairing = assign([MENTEE], giving, PairRules("young"), NEAR)
    second, third = next_mentors(pairing, exchanges_of(pairing), "e1")
    assert [(one.mentor, one.coverage_loss) for one in (second, third)] == [("m3", 0), ("m2", 0)]
    assert [one.total_loss for one in (second, third)] == pytest.approx([0.5, 1.0])


def test_a_region_is_told_where_mentors_are_short() -> None:
    asking = [replace(MENTEE, key=f"e{number}", municipality="ab"[number % 2]) for number in range(4)]
    pairing = assign(
        asking, [replace(MENTOR, places=1)], PairRules("young", distance=False, reach="municipality"), NEAR
    )
    short = {(one.what, one.code): one for one in shortages(pairing)}
    town = short["municipality", "b"]
    assert (town.mentees, town.uncovered, town.mentors, town.places, town.free_places) == (2, 2, 0, 0, 0)
    assert (short["competency", "c1"].uncovered, short["competency", "c1"].places) == (3, 1)
    assert [code for what, code in short if what == "municipality"] == ["b", "a"]


def test_every_kind_of_pair_has_rules_and_everyone_a_group() -> None:
    assert set(KIND_RULES) == set(PAIR_KINDS)
    assert groups_of(Person(young=True)) == {"teacher", "young"}
    assert groups_of(Person()) == {"teacher", "experienced"}
    assert groups_of(Person(kind="manager")) == {"manager"}


def test_a_team_needs_and_masters_what_its_members_do_on_average() -> None:
    assert team_needs([[Need("c1", 1.0)], [Need("c1", 0.5), Need("c2", 1.0)]]) == (Need("c1", 0.75), Need("c2", 0.5))
    (one,) = team_strengths([[Strength("c1", 0.8, 0.3)], [Strength("c1", 0.6, 0.4)]])
    assert one.competency == "c1" and [one.mastery, one.uncertainty] == pytest.approx([0.7, 0.25])


def test_rules_without_meaning_are_refused() -> None:
    rules: list[dict[str, Any]] = [{"reach": "moon"}, {"mentee_groups": frozenset({"pupil"})}, {"places": -1}]
    for wrong in (*rules, {"candidates": 0}):
        with pytest.raises(ValueError):
            PairRules("young", **wrong)
    for weights in ({"possible": 1.0}, {"waiting": -0.1}):
        with pytest.raises(ValueError):
            FitWeights(**weights)


def test_repeated_people_are_refused() -> None:
    with pytest.raises(ValueError):
        assign([MENTEE, MENTEE], [MENTOR], PairRules("young"), NEAR)


def test_the_assignment_of_a_region_is_that_of_its_fit() -> None:
    asking, giving = crowd(seed=2, mentees=30, mentors=10)
    pairing = assign(asking, giving, PairRules("subject"), NEAR)
    again = solve(csr_array(pairing.fit), pairing.region.table.places)
    assert np.array_equal(again.mentor_of, pairing.assignment.mentor_of)
