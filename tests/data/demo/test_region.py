"""The demo region is of the asked size, the same for the same seed, marked «демо» and worth making routes for."""

import os
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from data.demo.region import DemoRegion, demo_region
from data.reference.loading import load_framework, load_territory, territory_codes
from data.tables.rows import PersonRow
from recommender.territory import Territory
from recommender.vocabulary import ACTIVITY_KINDS, FORMS, QUALIFICATIONS, STAGES

ON = date(2026, 11, 22)


def region(code: str = "kamchatka", *, people: int = 400, activities: int = 150, seed: int = 0) -> DemoRegion:
    """Return a demo region as of the same day in all tests."""
    territory = load_territory(code)
    framework = load_framework(territory.framework)
    return demo_region(territory, framework, on=ON, people=people, activities=activities, seed=seed)


def is_young(row: PersonRow, territory: Territory) -> bool:
    """Return whether a person is a young teacher of the territory on the day of the tests."""
    assert row.birth_date is not None
    assert row.work_started is not None
    age = (ON - row.birth_date).days / 365.25
    return row.kind == "teacher" and age < territory.young.age and (ON - row.work_started).days <= 3 * 365.25


@pytest.mark.parametrize("code", territory_codes())
@pytest.mark.parametrize(("people", "activities"), [(200, 150), (1000, 777)])
def test_every_territory_has_a_demo_region_of_the_asked_size(code: str, people: int, activities: int) -> None:
    made = region(code, people=people, activities=activities)
    assert (len(made.people), len(made.tutor), len(made.activities)) == (people, people, activities)
    assert {result.person for result in made.results} <= set(range(people))


@pytest.mark.parametrize("people", [1, 2, 43])
def test_the_smallest_regions_work(people: int) -> None:
    assert len(region(people=people, activities=1).people) == people


@pytest.mark.parametrize(("people", "activities"), [(0, 10), (-1, 10), (10, -1), (10**9, 10), (10, 10**9)])
def test_sizes_that_are_no_region_are_refused(people: int, activities: int) -> None:
    with pytest.raises(ValueError, match="A demo region has"):
        region(people=people, activities=activities)


def test_the_same_seed_gives_the_same_region_and_another_one_does_not() -> None:
    assert region(seed=5) == region(seed=5)
    assert region(seed=5).people != region(seed=6).people


def test_every_process_draws_the_same_activities() -> None:
    asked = "from test_region import region; print(region(people=1, activities=3000).activities)"
    made = {
        subprocess.run(
            [sys.executable, "-c", asked],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": os.pathsep.join((str(Path(__file__).parent), ".")),
            },
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(made) == 1


def test_more_activities_leave_people_and_results_as_they_are() -> None:
    small, large = region(activities=150), region(activities=400)
    assert small.people == large.people
    assert small.results == large.results


def test_nobody_and_nothing_is_met_twice() -> None:
    made = region(people=5000, activities=2000)
    assert len({row.full_name for row in made.people}) == 5000
    assert len({row.external_id for row in made.people}) == 5000
    assert len({activity.code for activity in made.activities}) == 2000
    keys = [(r.person, r.competency, r.taken_on, r.stage, r.form) for r in made.results]
    assert len(set(keys)) == len(keys)


def test_everything_is_marked_as_a_demo() -> None:
    made = region()
    for row in made.people:
        assert row.organisation.endswith("(демо)")
        assert row.external_id is not None
        assert row.external_id.startswith("ДЕМО-")
    for activity in made.activities:
        assert activity.provider.endswith("(демо)")
        assert activity.register_number.startswith("ДЕМО-") == bool(activity.registers)
        assert ".invalid/" in activity.link
    assert all(result.source.endswith("(демо)") for result in made.results)


@pytest.mark.parametrize("code", territory_codes())
def test_people_belong_to_the_territory(code: str) -> None:
    territory = load_territory(code)
    made = region(code)
    named = {row.municipality for row in made.people}
    assert named <= set(territory.municipalities) if territory.municipal_level else named == {None}
    assert {register for a in made.activities for register in a.registers} == set(territory.registers)
    assert {a.municipality for a in made.activities} - {""} <= {name or "" for name in named}


def test_there_are_young_teachers_managers_and_all_categories() -> None:
    made = region()
    territory = load_territory("kamchatka")
    young = sum(is_young(row, territory) for row in made.people)
    assert 20 <= young <= 80
    heads = Counter(row.organisation for row in made.people if row.position == "директор")
    assert set(heads.values()) == {1}
    assert heads.keys() == {row.organisation for row in made.people}
    assert {row.qualification for row in made.people} == set(QUALIFICATIONS)
    for row in made.people:
        assert row.birth_date is not None
        assert row.work_started is not None
        assert row.birth_date + timedelta(days=20 * 365) < row.work_started <= ON


def test_no_tutor_has_more_than_a_hundred_people() -> None:
    loads = Counter(region(people=1234).tutor)
    assert max(loads.values()) <= 100
    assert set(loads) == set(range(len(loads)))


def test_results_are_possible_and_lie_before_the_day() -> None:
    made = region()
    framework = load_framework("common")
    for result in made.results:
        assert result.score is not None
        assert result.maximum is not None
        assert 0 <= result.score <= result.maximum
        assert result.percent == 100 * result.score / result.maximum
        assert result.taken_on < ON
        assert result.taken_on.weekday() < 5
        assert result.stage in STAGES
        assert result.form in FORMS
        subject = framework.by_code[result.competency].subject
        assert not subject or subject in (made.people[result.person].subjects or ())


def test_routes_have_something_to_do() -> None:
    made = region()
    territory, framework = load_territory("kamchatka"), load_framework("common")
    last: dict[tuple[int, str], float] = {}
    for result in made.results:
        if result.form == "test":
            last[result.person, result.competency] = result.percent
    deficits = Counter(
        person
        for (person, code), percent in last.items()
        if percent < territory.target_of(made.people[person].kind or "", framework.by_code[code].area)
    )
    tested = {person for person, _ in last}
    counts = [deficits[person] for person in tested]
    assert 4 <= sum(counts) / len(counts) <= 10
    assert sum(5 <= count <= 9 for count in counts) > 100
    assert sum(count == 0 for count in counts) >= 5


def test_some_have_three_stages_with_growth_some_only_a_self_assessment_and_some_nothing() -> None:
    made = region(people=1000)
    stages: dict[int, set[str]] = {}
    forms: dict[int, set[str]] = {}
    values: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for result in made.results:
        stages.setdefault(result.person, set()).add(result.stage)
        forms.setdefault(result.person, set()).add(result.form)
    full = {person for person, known in stages.items() if known == set(STAGES)}
    for result in made.results:
        if result.person in full and result.form == "test":
            values[result.stage].append(result.percent)
    means = [sum(values[stage]) / len(values[stage]) for stage in STAGES]
    assert len(full) > 100
    assert means == sorted(means)
    assert means[2] - means[0] > 3
    assert sum(known == {"self"} for known in forms.values()) > 40
    assert 20 < 1000 - len(forms) < 90


def test_activities_have_all_the_variety_that_rules_ask_about() -> None:
    made = region(activities=600)
    activities = made.activities
    assert {activity.kind for activity in activities} == set(ACTIVITY_KINDS)
    assert any(not a.develops for a in activities)
    assert any(a.register_until and a.register_until < ON for a in activities)
    assert any(a.provider_kind == "other" and a.kind == "pk" for a in activities)
    assert any(group.places == 0 for a in activities for group in a.deliveries)
    assert any(group.starts is None for a in activities for group in a.deliveries)
    assert any(a.hours is None for a in activities)
    ahead = [group for a in activities for group in a.deliveries if group.starts and group.starts > ON]
    behind = [group for a in activities for group in a.deliveries if group.starts and group.starts <= ON]
    assert len(ahead) > 3 * len(behind) > 0
    codes = {activity.code for activity in activities}
    required = [code for activity in activities for code in activity.requires]
    assert required
    assert set(required) <= codes


def test_every_competency_of_files_has_a_programme() -> None:
    made = region()
    framework = load_framework("common")
    developed = {code for a in made.activities if a.kind == "pk" for code, _ in a.develops}
    assert developed == {item.code for item in framework.competencies if not item.parent}


def test_hours_and_relevance_keep_the_rules_of_the_catalogue() -> None:
    for activity in region(activities=600).activities:
        if activity.kind == "pk":
            assert activity.hours is not None
            assert activity.hours >= 16
        if activity.kind == "pp":
            assert activity.hours is not None
            assert activity.hours >= 250
        assert all(0 < relevance <= 1 for _, relevance in activity.develops)
        for group in activity.deliveries:
            assert (group.starts is None) == (group.ends is None)
            assert group.starts is None or group.ends is None or group.starts <= group.ends
