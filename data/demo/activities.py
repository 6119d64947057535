"""Invented programmes and events of the demo region, with dates around the day on which it is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.demo.words import DemoWords
from recommender.activity import Activity, Delivery
from recommender.framework import Competency, Framework
from recommender.territory import Territory
from recommender.vocabulary import ATTENDED_FORMATS, PROGRAMME_KINDS

# How many of a thousand activities are of each kind.
KINDS: Final = {
    "pk": 370, "pp": 40, "internship": 90, "masterclass": 90, "lesson_visit": 60, "seminar": 70, "webinar": 80,
    "conference": 25, "union": 45, "community": 40, "contest": 20, "consultation": 35, "self_study": 25,
    "mentoring": 10,
}  # fmt: skip
HOURS: Final = {
    "pk": (16, 18, 24, 36, 36, 36, 72, 72, 108), "pp": (250, 256, 300, 504), "internship": (16, 16, 24, 36),
    "masterclass": (2, 3, 4), "lesson_visit": (2, 2, 6), "seminar": (3, 4, 8), "webinar": (1, 2, 2),
    "conference": (6, 8),
    "union": (8, 12, 16), "community": (None, 12), "contest": (None, 16), "consultation": (1, 2),
    "self_study": (4, 8), "mentoring": (24, 36),
}  # fmt: skip
ON_SITE: Final = ("in_person", "in_person", "in_person", "mixed")
ANYWHERE: Final = ("distance", "distance", "extramural", "mixed", "mixed", "in_person")
REMOTE: Final = ("distance",)
FORMATS: Final = {
    "pk": ANYWHERE, "pp": ("distance", "extramural", "mixed"), "internship": ON_SITE,
    "masterclass": ("in_person", "distance"),
    "lesson_visit": ("in_person",), "seminar": ("in_person", "in_person", "distance"), "webinar": REMOTE,
    "conference": ("in_person", "mixed"), "union": ("mixed", "distance"), "community": REMOTE, "contest": REMOTE,
    "consultation": ("in_person", "distance"), "self_study": REMOTE, "mentoring": ("mixed", "distance"),
}  # fmt: skip
PLACES: Final = {
    "internship": (6, 8, 10, 12), "masterclass": (15, 20, 25, 40), "lesson_visit": (4, 6, 8), "mentoring": (3, 5),
    "consultation": (3, 5, 8), "webinar": (100, 200), "conference": (60, 100, 150), "self_study": (100,),
    "contest": (50, 100),
}  # fmt: skip
GROUP: Final = (15, 20, 25, 25, 30, 40, 60)
ONE_DAY: Final = ("masterclass", "lesson_visit", "seminar", "webinar", "consultation")
LONG: Final = ("union", "community", "mentoring")
UNDATED: Final = ("self_study", "community", "consultation")
LOCAL: Final = ("internship", "masterclass", "lesson_visit", "seminar", "union", "consultation")
UNTAGGED, EXPIRED, PRIVATE, FULL, IN_REGISTER, WITH_BEFORE = 0.15, 0.06, 0.12, 0.06, 0.65, 0.3
MANAGEMENT: Final = "Управленческие"
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class _Place:
    """Where and when activities are made: the territory, its working municipalities, the words and the day."""

    territory: Territory
    municipalities: tuple[str, ...]
    words: DemoWords
    on: date
    random: np.random.Generator


def demo_activities(
    territory: Territory,
    framework: Framework,
    words: DemoWords,
    municipalities: tuple[str, ...],
    count: int,
    on: date,
    random: np.random.Generator,
) -> tuple[Activity, ...]:
    """Return `count` activities; every competency has a programme as soon as there are programmes enough."""
    place = _Place(territory, municipalities, words, on, random)
    topics = [item for item in framework.competencies if item.code in words.themes]
    activities: list[Activity] = []
    for kind, number in _numbers(count).items():
        order = random.permutation(len(topics))
        for serial in range(number):
            topic = int(order[serial % len(topics)])
            activities.append(_activity(len(activities) + 1, kind, topics, topic, serial // len(topics), place))
    return tuple(_with_prerequisites(activities, random))


def _numbers(count: int) -> dict[str, int]:
    exact = {kind: count * share / sum(KINDS.values()) for kind, share in KINDS.items()}
    whole = {kind: int(value) for kind, value in exact.items()}
    rest = sorted(exact, key=lambda kind: (whole[kind] - exact[kind], kind))[: count - sum(whole.values())]
    return {kind: whole[kind] + (kind in rest) for kind in KINDS}


def _activity(number: int, kind: str, topics: Sequence[Competency], topic: int, round_: int, place: _Place) -> Activity:
    competency, random, words = topics[topic], place.random, place.words
    theme = _theme(kind, competency, round_, words)
    turn = str(random.choice(words.turns))
    hours = HOURS[kind][int(random.integers(len(HOURS[kind])))]
    form = FORMATS[kind][int(random.integers(len(FORMATS[kind])))]
    provider_kind, provider = _provider(kind, place)
    registers, register_number, until = _register(kind, number, provider_kind, place)
    tagged = kind in PROGRAMME_KINDS and round_ == 0 or random.random() >= UNTAGGED
    local = kind in LOCAL and provider_kind == "municipal" and form in ATTENDED_FORMATS and place.municipalities
    return Activity(
        code=f"ДЕМО-А-{number:05d}",
        kind=kind,
        title=words.titles[kind].format(theme=theme, turn=turn),
        provider=provider,
        provider_kind=provider_kind,
        hours=hours,
        format=form,
        network=bool(random.random() < 0.15),
        registers=registers,
        register_number=register_number,
        register_until=until,
        deliveries=_deliveries(kind, form, hours, place),
        subjects=(competency.subject,) if competency.subject else (),
        audience=_audience(kind, competency, random),
        develops=_develops(kind, topics, topic, random) if tagged else (),
        municipality=_municipality(place) if local else "",
        annotation=words.annotation.format(description=competency.description, turn=turn),
        link=f"https://demo.invalid/a/{number:05d}",
    )


def _theme(kind: str, competency: Competency, round_: int, words: DemoWords) -> str:
    if kind == "pp":
        return words.retraining[competency.subject or competency.area]
    themes = words.themes[competency.code]
    return themes[round_ % len(themes)]


def _provider(kind: str, place: _Place) -> tuple[str, str]:
    luck = place.random.random()
    if kind in PROGRAMME_KINDS:
        provider_kind = "other" if luck < PRIVATE else "state"
    else:
        provider_kind = "other" if luck < PRIVATE / 2 else "municipal" if luck < 0.7 else "state"
    names = place.words.providers[provider_kind]
    return provider_kind, names[int(place.random.integers(len(names)))]


def _register(kind: str, number: int, provider_kind: str, place: _Place) -> tuple[tuple[str, ...], str, date | None]:
    random = place.random
    if kind not in PROGRAMME_KINDS or random.random() >= IN_REGISTER:
        return (), "", None
    known = place.territory.registers
    registers = known if random.random() < 0.3 else (known[int(random.integers(len(known)))],)
    days = -int(random.integers(20, 200)) if random.random() < EXPIRED else int(random.integers(150, 1100))
    return registers, f"ДЕМО-{number:05d}", place.on + timedelta(days=days)


def _audience(kind: str, competency: Competency, random: np.random.Generator) -> tuple[str, ...]:
    if competency.area == MANAGEMENT:
        return ("manager", "team") if random.random() < 0.5 else ("manager",)
    if kind in ("lesson_visit", "mentoring") and random.random() < 0.3:
        return ("young",)
    return ("teacher",) if competency.subject or random.random() < 0.5 else ("teacher", "manager")


def _develops(
    kind: str, topics: Sequence[Competency], topic: int, random: np.random.Generator
) -> tuple[tuple[str, float], ...]:
    """Return a first competency with full relevance and, for longer kinds, neighbours of its area with less."""
    main = topics[topic]
    near = [item for item in topics if item.area == main.area and item.subject == main.subject and item is not main]
    most = {"pk": 3, "pp": 5, "internship": 2}.get(kind, 2)
    extra = random.permutation(len(near))[: int(random.integers(0, most))]
    shares = (0.3, 0.4, 0.5, 0.6)
    others = [(near[int(at)].code, shares[int(random.integers(len(shares)))]) for at in extra]
    return ((main.code, 1.0), *sorted(others))


def _municipality(place: _Place) -> str:
    weights = 1 / np.arange(1, len(place.municipalities) + 1)
    return place.municipalities[int(place.random.choice(len(weights), p=weights / weights.sum()))]


def _deliveries(kind: str, form: str, hours: float | None, place: _Place) -> tuple[Delivery, ...]:
    random = place.random
    if kind in UNDATED and random.random() < 0.6:
        return (Delivery(),)
    groups = int(random.integers(1, 4)) if kind in PROGRAMME_KINDS else int(random.integers(1, 3))
    # Each once, in the order drawn: the order of a set would differ from run to run.
    found = dict.fromkeys(_delivery(kind, form, hours, place) for _ in range(groups))
    return tuple(sorted(found, key=lambda group: (group.starts or place.on, group.places or 0)))


def _delivery(kind: str, form: str, hours: float | None, place: _Place) -> Delivery:
    random = place.random
    starts = _free(place.on + timedelta(days=int(random.integers(-60, 320))), form, place.territory)
    lasts = _days(kind, hours, random)
    if form == "distance" and random.random() < 0.5:
        places = None
    else:
        places = 0 if random.random() < FULL else int(random.choice(PLACES.get(kind, GROUP)))
    return Delivery(starts, starts + timedelta(days=lasts - 1), places)


def _days(kind: str, hours: float | None, random: np.random.Generator) -> int:
    if kind in ONE_DAY:
        return 1
    if kind in LONG:
        return int(random.integers(60, 150))
    return max(2, round((hours or 16) / random.uniform(2.0, 3.5)))


def _free(day: date, form: str, territory: Territory) -> date:
    """Return the first working day from `day` on that no busy period of the territory forbids to the form."""
    while day.weekday() > 4 or any(
        form in busy.formats and busy.start <= (day.month, day.day) <= busy.end for busy in territory.busy
    ):
        day += timedelta(days=1)
    return day


def _with_prerequisites(activities: Sequence[Activity], random: np.random.Generator) -> list[Activity]:
    """Return the activities, some internships after a programme on the same competency."""
    programmes: dict[str, list[str]] = {}
    for activity in activities:
        if activity.kind == "pk" and activity.develops:
            programmes.setdefault(activity.develops[0][0], []).append(activity.code)
    return [_with_prerequisite(activity, programmes, random) for activity in activities]


def _with_prerequisite(activity: Activity, programmes: dict[str, list[str]], random: np.random.Generator) -> Activity:
    if activity.kind != "internship" or not activity.develops or random.random() >= WITH_BEFORE:
        return activity
    before = programmes.get(activity.develops[0][0], [])
    if not before:
        return activity
    return replace(activity, requires=(before[int(random.integers(len(before)))],))
