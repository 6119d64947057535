"""The worked example of docs/core.md: every number that the page gives is what the core computes."""

import re
from datetime import date
from math import isclose
from pathlib import Path

import pytest

from data.reference.loading import load_framework, load_territory
from recommender.activity import Activity
from recommender.catalogue import build_catalogue
from recommender.diagnostics import DiagnosticResult, Person
from recommender.explanation.values import Recommendation
from recommender.gains import prior_of
from recommender.knowledge import Knowledge
from recommender.profile import precision
from recommender.recommendation import recommend
from recommender.route import Limits, Request
from recommender.territory import Territory

CODE = "МАТ-3"
PAGE = (Path(__file__).parents[2] / "docs" / "core.md").read_text("utf-8").split("A worked example\n")[1]
ROWS = {
    cells[0]: cells[1:]
    for line in PAGE.split("\n## ")[0].splitlines()
    if line.startswith("| ") and len(cells := [cell.strip() for cell in line.strip("|").split("|")]) > 1
}
FOUND = [name for name, cells in ROWS.items() if len(cells) == 2 and name != "found"]


def given(name: str) -> float:
    return float(ROWS[name][-1])


def day(name: str) -> date:
    return date.fromisoformat(ROWS[name][-1])


@pytest.fixture(scope="module")
def rules() -> Territory:
    return load_territory("kamchatka")


@pytest.fixture(scope="module")
def results() -> tuple[DiagnosticResult, ...]:
    return tuple(
        DiagnosticResult(
            CODE, given(f"result of the {form}, per cent"), form, "entry", day(f"day of the {form}"), tasks=int(tasks)
        )
        for form, tasks in ((form, given(f"tasks of the {form}")) for form in ("test", "case"))
    )


def distance_activity(kind: str, hours: float, relevance: float, registers: tuple[str, ...]) -> Activity:
    """Return an activity by which one competency may be learnt anywhere and at any time."""
    return Activity(
        code=kind,
        kind=kind,
        title=kind,
        provider="Институт",
        provider_kind="state",
        hours=hours,
        format="distance",
        registers=registers,
        develops=((CODE, relevance),),
    )


@pytest.fixture(scope="module")
def found(rules: Territory, results: tuple[DiagnosticResult, ...]) -> Recommendation:
    on = day("day of the request")
    activities = (
        distance_activity(
            "pk", given("hours of the programme (ПК)"), given("relevance of the programme"), ("federal",)
        ),
        distance_activity(
            "masterclass", given("hours of the master-class"), given("relevance of the master-class"), ()
        ),
    )
    framework = load_framework(rules.framework)
    limits = Limits(rules.route.hours, rules.route.term_hours, frozenset({"distance"}), on, date(2027, 11, 26), 6)
    request = Request(Person("teacher", ("Математика",), ""), results, (), limits, on)
    return recommend(request, Knowledge(rules, framework, build_catalogue(activities, framework, rules, "1")))


def test_the_rules_are_those_of_the_territory(rules: Territory) -> None:
    policy = rules.policy
    programme, masterclass = prior_of("pk", 36.0, rules), prior_of("masterclass", 6.0, rules)
    assert programme and masterclass
    assert (policy.combine, policy.reference_tasks) == ("weighted", 20)
    said = {
        "reliability of a test of 20 tasks": policy.reliability["test"],
        "reliability of a case of 20 tasks": policy.reliability["case"],
        "spread": policy.spread,
        "half-life, days": policy.half_life_days,
        "mean, per cent": policy.mean * 100,
        "target, per cent": rules.target_of("teacher", "Предметные"),
        "step of the lowest level": rules.scale.levels[0].step,
        "prior of a programme of 36 hours": programme.gain,
        "prior of a master-class of 6 hours": masterclass.gain,
        "price of an hour": rules.route.hour_cost,
    }
    assert {name: given(name) for name in said} == said


def test_every_number_found_is_what_the_core_computes(
    found: Recommendation, rules: Territory, results: tuple[DiagnosticResult, ...]
) -> None:
    test, case = (precision(result, rules.policy, found.request.on) for result in results)
    own = rules.policy.spread**2
    fresh = case * own * 2.0 ** ((found.request.on - results[1].taken_on).days / rules.policy.half_life_days)
    (mastery,), (deficit,) = found.profile.masteries, found.deficits
    steps = {step.activity: step for step in found.route.steps}
    programme, masterclass = steps.pop("pk"), steps.pop("masterclass")
    assert not steps
    computed = {
        "precision of the test": test,
        "reliability of the case": fresh / (1 + fresh),
        "precision of the case": case,
        "precision of the mean": 1 / own,
        "weight of the test": mastery.weights[0],
        "weight of the case": mastery.weights[1],
        "weight of the mean": mastery.group_mean_weight,
        "mastery, per cent": mastery.percent,
        "uncertainty": mastery.uncertainty,
        "confidence": mastery.confidence,
        "gap": deficit.gap,
        "weight of the deficit": deficit.weight,
        "weight · gap": deficit.weight * deficit.gap,
        "gain of the programme": programme.closes[0].gain,
        "gain of the master-class": masterclass.closes[0].gain,
        "score of the programme": programme.score,
        "score of the master-class": masterclass.score,
        "value of the route": found.route.certificate.value,
        "bound": found.route.certificate.bound,
        "share that stays open": found.open[0].share,
    }
    printed = {name: ROWS[name][1] for name in FOUND}
    assert printed.keys() == computed.keys()
    assert not {
        name: (printed[name], value) for name, value in computed.items() if not _rounds_to(value, printed[name])
    }


def _rounds_to(value: float, printed: str) -> bool:
    """Tell whether a number is what the page prints, to the last digit that it prints."""
    return f"{value:.{len(printed.partition('.')[2])}f}" == printed


@pytest.mark.parametrize("name", FOUND)
def test_the_arithmetic_of_a_row_gives_its_number(name: str) -> None:
    how, printed = ROWS[name]
    formula = re.sub(r"√([\d.]+)", r"(\1**0.5)", how)
    for sign, operator in (("²", "**2"), ("^", "**"), ("·", "*"), ("−", "-")):
        formula = formula.replace(sign, operator)
    # The numbers of a row are rounded already: what they give may differ in the last digit.
    digits = len(printed.partition(".")[2])
    assert isclose(eval(formula), float(printed), abs_tol=2 * 10**-digits, rel_tol=1e-4)
