"""A small territory, framework and catalogue to reason about, and generated worlds of them for the laws."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from recommender.activity import Activity, Delivery
from recommender.catalogue import build_catalogue
from recommender.diagnostics import DiagnosticResult, Person
from recommender.framework import Competency, Framework, Level, Scale
from recommender.knowledge import Knowledge
from recommender.route import Limits, Placement, Request
from recommender.territory import Busy, GainPrior, ProfilePolicy, RouteRules, Term, Territory, YoungRule

settings.register_profile("laws", deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("laws")

TODAY = date(2026, 9, 1)
FRAMEWORK = Framework(
    "small",
    "1",
    (
        Competency("M1", "Критериальное оценивание", "Методические"),
        Competency("M2", "Проектирование урока", "Методические"),
        Competency("S1", "Вычисления и дроби", "Предметные", "Математика"),
        Competency("D1", "Цифровые ресурсы на уроке", "Цифровые"),
        Competency("D2", "Информационная безопасность", "Цифровые"),
    ),
)
SCALE = Scale(
    "three",
    "1",
    "Три уровня",
    (
        Level("critical", "Критический", 0.0, 1.0),
        Level("basic", "Базовый", 50.0, 0.5),
        Level("above", "Выше базового", 75.0, 0.1),
    ),
)
YEAR = (Term("Учебный год", (9, 1), (8, 31)),)
HALVES = (Term("Первое полугодие", (9, 1), (12, 31)), Term("Второе полугодие", (1, 1), (8, 31)))
RELIABILITY = {"test": 0.8, "case": 0.7, "video": 0.7, "observation": 0.75, "self": 0.4, "expert": 0.8, "pupils": 0.5}
TERRITORY = Territory(
    code="small",
    title="Малая территория",
    version="1",
    level="region",
    municipal_level=True,
    organisation_levels=("regional",),
    municipalities=("Север", "Юг", "Запад"),
    neighbours={"Север": ("Юг",), "Юг": ("Север",)},
    registers=("federal",),
    framework="small",
    scale=SCALE,
    policy=ProfilePolicy("weighted", RELIABILITY, 10, 0.6, 0.2, 365.0),
    targets={"teacher": {"*": 80.0, "Цифровые": 70.0}, "manager": {"*": 60.0}},
    priorities={"Методические": 1.2, "D2": 2.0},
    gains=(
        GainPrior("pk", 16.0, 0.4, 0.1),
        GainPrior("pk", 36.0, 0.7, 0.1),
        GainPrior("pp", 250.0, 1.0, 0.1),
        GainPrior("internship", 0.0, 0.5, 0.2),
        GainPrior("masterclass", 0.0, 0.2, 0.1),
        GainPrior("webinar", 1.0, 0.1, 0.05),
    ),
    default_hours={"internship": 18.0, "webinar": 2.0},
    route=RouteRules(72.0, 72.0, 4, 12, 1e-4, ("internship", "masterclass"), 0, 0),
    terms=YEAR,
    busy=(Busy("Экзамены", (5, 20), (6, 30), ("in_person", "mixed")),),
    young=YoungRule(35, 3.0),
    providers_since=date(2025, 9, 1),
    repeat_years=3,
    notes={},
)
LIMITS = Limits(72.0, 72.0, frozenset({"in_person", "extramural", "mixed", "distance"}), TODAY, date(2027, 8, 31), 4)
PERSON = Person("teacher", ("Математика",), "Север")


@dataclass(frozen=True)
class World:
    """A request with everything it is answered from, still open to change."""

    territory: Territory
    activities: tuple[Activity, ...]
    request: Request

    @property
    def knowledge(self) -> Knowledge:
        return Knowledge(self.territory, FRAMEWORK, build_catalogue(self.activities, FRAMEWORK, self.territory, "v1"))

    def but(self, **changes: Any) -> "World":
        """Return the world with other parts; `limits` and `person` reach into the request."""
        request = changes.pop("request", self.request)
        for part in ("limits", "person"):
            if part in changes:
                request = replace(request, **{part: replace(getattr(request, part), **changes.pop(part))})
        return replace(self, request=request, **changes)


def make_result(
    competency: str, percent: float, form: str = "test", stage: str = "entry", taken_on: date = TODAY, **rest: Any
) -> DiagnosticResult:
    return DiagnosticResult(competency, percent, form, stage, taken_on, **rest)


def make_activity(
    code: str, develops: tuple[tuple[str, float], ...] = (("M1", 1.0),), kind: str = "internship", **rest: Any
) -> Activity:
    return Activity(code, kind, f"Мероприятие {code}", "Институт (демо)", develops=develops, **rest)


def make_request(*results: DiagnosticResult, **rest: Any) -> Request:
    return Request(**{"person": PERSON, "results": results, "wishes": (), "limits": LIMITS, "on": TODAY, **rest})


def make_world(
    *activities: Activity,
    territory: Territory = TERRITORY,
    results: Sequence[DiagnosticResult] | None = None,
    **rest: Any,
) -> World:
    measured = (make_result("M1", 20.0),) if results is None else results
    return World(territory, activities, make_request(*measured, **rest))


TAGS = st.dictionaries(st.sampled_from(["M1", "M2", "S1", "D1"]), st.sampled_from([0.3, 0.5, 1.0]), max_size=3)
DAYS = st.integers(-30, 400).map(lambda days: TODAY + timedelta(days=days))


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    places = draw(st.sampled_from([None, None, 0, 10]))
    if draw(st.booleans()):
        return Delivery(places=places)
    starts = draw(DAYS)
    return Delivery(starts, starts + timedelta(days=draw(st.integers(0, 90))), places)


@st.composite
def activities_of(draw: st.DrawFn, count: int) -> tuple[Activity, ...]:
    """Draw a catalogue whose activities touch, overlap, clash with and require one another."""
    codes = [f"A{number}" for number in range(count)]
    return tuple(
        make_activity(
            code,
            develops=tuple(draw(TAGS).items()),
            kind=draw(st.sampled_from(["pk", "internship", "masterclass", "webinar"])),
            hours=draw(st.sampled_from([None, 8.0, 16.0, 36.0])),
            format=draw(st.sampled_from(["distance", "in_person", "mixed"])),
            registers=draw(st.sampled_from([(), ("federal",)])),
            register_until=draw(st.none() | DAYS),
            provider_kind=draw(st.sampled_from(["state", "state", "other"])),
            deliveries=tuple(draw(st.lists(deliveries(), min_size=1, max_size=3))),
            audience=draw(st.sampled_from([(), (), ("teacher",), ("manager",), ("young",)])),
            subjects=draw(st.sampled_from([(), (), ("Математика",), ("Физика",)])),
            municipality=draw(st.sampled_from(["", "Север", "Юг", "Запад"])),
            requires=tuple(draw(st.lists(st.sampled_from(codes), max_size=2, unique=True)))
            if draw(st.integers(0, 3)) == 0
            else (),
        )
        for code in codes
    )


@st.composite
def results_of(draw: st.DrawFn) -> DiagnosticResult:
    return make_result(
        draw(st.sampled_from(["M1", "M2", "S1", "D1", "D2"])),
        draw(st.floats(0, 100)),
        form=draw(st.sampled_from(["test", "case", "self"])),
        stage=draw(st.sampled_from(["entry", "interim", "final"])),
        taken_on=TODAY - timedelta(days=draw(st.integers(0, 700))),
    )


@st.composite
def worlds_of(draw: st.DrawFn, most: int = 9) -> World:
    route = replace(
        TERRITORY.route,
        practice_minimum=draw(st.integers(0, 2)),
        formal_minimum=draw(st.integers(0, 1)),
    )
    policy = replace(TERRITORY.policy, combine=draw(st.sampled_from(["weighted", "latest", "best"])))
    territory = replace(TERRITORY, terms=draw(st.sampled_from([YEAR, HALVES])), route=route, policy=policy)
    activities = draw(st.integers(0, most).flatmap(activities_of))
    codes = [activity.code for activity in activities]
    limits = replace(
        LIMITS,
        hours=float(draw(st.sampled_from([0, 8, 18, 36, 60, 108]))),
        term_hours=float(draw(st.sampled_from([16, 36, 72]))),
        steps=draw(st.integers(0, 5)),
        end=draw(st.sampled_from([LIMITS.end, date(2027, 1, 15), date(2028, 3, 1)])),
    )
    some = st.lists(st.sampled_from(codes), max_size=2, unique=True) if codes else st.just([])
    fixed = draw(some) if draw(st.integers(0, 3)) == 0 else []
    moved = draw(some) if draw(st.integers(0, 3)) == 0 else []
    forbidden = [code for code in draw(some) if code not in (*fixed, *moved)] if draw(st.booleans()) else []
    taken = tuple((code, draw(DAYS) - timedelta(days=800)) for code in draw(some))
    return World(
        territory,
        activities,
        Request(
            person=replace(PERSON, young=draw(st.booleans()), taken=taken),
            results=tuple(draw(st.lists(results_of(), max_size=8))),
            wishes=tuple(draw(st.lists(st.sampled_from(["M1", "оценивание", "безопасность", "рыбалка"]), max_size=2))),
            limits=limits,
            on=TODAY,
            fixed=tuple(fixed),
            forbidden=tuple(forbidden),
            placed=tuple(Placement(code, draw(DAYS), draw(st.booleans())) for code in moved),
        ),
    )


@pytest.fixture(scope="session")
def worlds() -> st.SearchStrategy[World]:
    """Generated worlds: a territory, a catalogue of up to nine activities, and a request."""
    return worlds_of()


@pytest.fixture(scope="session")
def small_worlds() -> st.SearchStrategy[World]:
    """Generated worlds small enough to try every route in."""
    return worlds_of(most=4)


@pytest.fixture(scope="session")
def territory() -> Territory:
    return TERRITORY


@pytest.fixture(scope="session")
def framework() -> Framework:
    return FRAMEWORK


@pytest.fixture(scope="session")
def today() -> date:
    return TODAY


@pytest.fixture(scope="session")
def world() -> Callable[..., World]:
    """Make a world of activities; keywords change the request or the territory."""
    return make_world


@pytest.fixture(scope="session")
def activity() -> Callable[..., Activity]:
    return make_activity


@pytest.fixture(scope="session")
def result() -> Callable[..., DiagnosticResult]:
    return make_result


@pytest.fixture(scope="session")
def halves() -> tuple[Term, ...]:
    return HALVES
