"""The model against an invented truth: does a route close what teachers truly lack, and does it promise what comes.

`python -m benchmarks.model run --out FILE` plays the model of this commit in worlds with known masteries and gains
(`benchmarks.model_worlds`) and keeps its figures as JSON; `--hours-of FILE` adds a play in which each person may take
only the hours that the other file's model took. `python -m benchmarks.model compare TODAY NEW` tells the two apart.
The model is reached through its public functions alone, so that the same script runs at commits years apart.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import erf, sqrt
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.model_worlds import WORLDS, TruePerson, TrueWorld, true_world
from benchmarks.region_world import ON
from recommender.catalogue import build_catalogue
from recommender.explanation.answer import answer
from recommender.explanation.values import Recommendation
from recommender.knowledge import Knowledge
from recommender.profile import build_profile
from recommender.recommendation import recommend
from recommender.route import Limits, Request
from recommender.vocabulary import FORMATS

Figures = dict[str, Any]

BUDGETS: Final = (18.0, 36.0, 72.0, 108.0)
LAST: Final = str(BUDGETS[-1])
BINS: Final = 10
LEAST_IN_BIN: Final = 200
LEAST_MEASURED: Final = 10


@dataclass(frozen=True)
class Played:
    """What a route took, said and truly did: hours, its own closed share, true loss of all and of what it named."""

    hours: float
    said: float
    named: float
    named_closed: float
    whole: float
    whole_closed: float
    activities: frozenset[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    running = kinds.add_parser("run")
    running.add_argument("--people", type=int, default=150)
    running.add_argument("--profiles", type=int, default=2_000, help="people for the calibration of P(deficit)")
    running.add_argument("--activities", type=int, default=600)
    running.add_argument("--seed", type=int, default=0)
    running.add_argument("--territory", action="append", help="default: kamchatka and moscow")
    running.add_argument("--hours-of", type=Path)
    running.add_argument("--out", type=Path, required=True)
    comparing = kinds.add_parser("compare")
    comparing.add_argument("today", type=Path)
    comparing.add_argument("new", type=Path)
    options = parser.parse_args()
    if options.kind == "compare":
        print("\n".join(comparison(*(json.loads(file.read_text("utf-8")) for file in (options.today, options.new)))))
        return
    figures = run(options)
    options.out.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


def run(options: argparse.Namespace) -> Figures:
    """Return the figures of all worlds by «territory world»."""
    hours_of = json.loads(options.hours_of.read_text("utf-8")) if options.hours_of else {}
    figures = {}
    for territory in options.territory or ("kamchatka", "moscow"):
        for name in WORLDS:
            key = f"{territory} {name}"
            world = true_world(name, territory, max(options.people, options.profiles), options.activities, options.seed)
            figures[key] = {
                **played_world(world, options.people, hours_of.get(key, {}).get("hours_each")),
                "calibration": calibration(world, options.profiles),
            }
            print(key, *(f"{name} {value}" for name, value in figures[key][LAST].items()), flush=True)
    return figures


def played_world(world: TrueWorld, people: int, hours_each: Sequence[float] | None) -> Figures:
    """Return the figures of each budget of hours, of the hours of another model, and of a second, noisy test."""
    knowledge, chosen = knowledge_of(world), world.people[:people]
    figures: Figures = {}
    full: list[Played] = []
    for budget in BUDGETS:
        full = [play(world, knowledge, person, budget) for person in chosen]
        figures[str(budget)] = summary(full)
    figures["hours_each"] = [played.hours for played in full]
    if hours_each is not None:
        equal = zip(chosen, hours_each, strict=True)
        figures["equal"] = summary([play(world, knowledge, person, hours) for person, hours in equal])
    again = [play(world, knowledge, replace(person, results=person.retest), BUDGETS[-1]) for person in chosen]
    figures["jaccard"] = float(np.mean([jaccard(*two) for two in zip(full, again, strict=True)]))
    return figures


def knowledge_of(world: TrueWorld) -> Knowledge:
    """Return what the service would know: rules, catalogue, and the means of groups as their results give them."""
    catalogue = build_catalogue(world.activities, world.framework, world.territory, "model")
    found: dict[str, dict[str, list[float]]] = {}
    for one in world.people:
        of_kind = found.setdefault(one.person.kind, {})
        for result in one.results:
            of_kind.setdefault(result.competency, []).append(result.percent / 100)
    means = {
        kind: {code: float(np.mean(known)) for code, known in of_kind.items() if len(known) >= LEAST_MEASURED}
        for kind, of_kind in found.items()
    }
    return Knowledge(world.territory, world.framework, catalogue, means)


def play(world: TrueWorld, knowledge: Knowledge, person: TruePerson, hours: float) -> Played:
    """Return what the route of a person within some hours takes, says and truly does."""
    rules = world.territory.route
    limits = Limits(hours, rules.term_hours, frozenset(FORMATS), ON, ON + timedelta(days=365), rules.steps)
    request = Request(person.person, person.results, (), limits, ON)
    made = recommend(request, knowledge, excluded=False)
    steps = [step.activity for step in made.route.steps]
    after = world.after(person, steps)
    before = {code: world.loss(person, code, mastery) for code, mastery in person.truth.items()}
    closed = {code: before[code] - world.loss(person, code, after[code]) for code in before}
    named = {deficit.competency for deficit in made.deficits}
    return Played(
        hours=sum(step.hours for step in made.route.steps),
        said=_said(made, knowledge),
        named=sum(before[code] for code in named),
        named_closed=sum(closed[code] for code in named),
        whole=sum(before.values()),
        whole_closed=sum(closed.values()),
        activities=frozenset(steps),
    )


def _said(made: Recommendation, knowledge: Knowledge) -> float:
    return float(answer(made, knowledge)["route"]["closed"])


def summary(played: Sequence[Played]) -> Figures:
    """Return hours and true closing a person, what the routes promised and kept, each weighted by what is truly open.

    `promised` and `kept` are shares of the deficits that the routes named; `closed` is the true weighted gap that all
    routes closed, a person, of all that these people lack.
    """
    named = sum(one.named for one in played) or 1.0
    return {
        "hours": float(np.mean([one.hours for one in played])),
        "steps": float(np.mean([len(one.activities) for one in played])),
        "closed": sum(one.whole_closed for one in played) / len(played),
        "closed_share": sum(one.whole_closed for one in played) / (sum(one.whole for one in played) or 1.0),
        "promised": sum(one.said * one.named for one in played) / named,
        "kept": sum(one.named_closed for one in played) / named,
    }


def jaccard(one: Played, other: Played) -> float:
    """Return the share of activities that two routes have in common; two empty routes are the same."""
    union = one.activities | other.activities
    return len(one.activities & other.activities) / len(union) if union else 1.0


def calibration(world: TrueWorld, people: int) -> list[Figures]:
    """Return for ten bins of P(mastery < target), as the profile gives it, its mean and how often it is so."""
    means = knowledge_of(replace(world, people=world.people[:people], activities=())).group_means
    pairs = []
    for one in world.people[:people]:
        profile = build_profile(one.results, world.territory.policy, means.get(one.person.kind, {}), ON)
        for mastery in profile.masteries:
            target = world.target(one, mastery.competency)
            z = (target - mastery.mastery) / mastery.uncertainty
            pairs.append((0.5 * (1 + erf(z / sqrt(2))), one.truth[mastery.competency] < target))
    return [
        _bin(number, [pair for pair in pairs if int(min(pair[0], 1 - 1e-9) * BINS) == number]) for number in range(BINS)
    ]


def _bin(number: int, pairs: Sequence[tuple[float, bool]]) -> Figures:
    said, true = ([float(pair[place]) for pair in pairs] for place in (0, 1))
    return {
        "bin": number,
        "count": len(pairs),
        "said": float(np.mean(said)) if pairs else None,
        "true": float(np.mean(true)) if pairs else None,
    }


def worst(bins: Sequence[Figures]) -> float:
    """Return how far, in points, a bin with enough people is from the truth at most."""
    return max(100 * abs(float(one["said"]) - float(one["true"])) for one in bins if one["count"] >= LEAST_IN_BIN)


def closed_at(figures: Figures, hours: float) -> float:
    """Return what a model closes with some mean hours a person: its budgets joined by straight lines, from nothing."""
    points = sorted((figures[str(budget)]["hours"], figures[str(budget)]["closed"]) for budget in BUDGETS)
    return float(np.interp(hours, [0.0, *(point[0] for point in points)], [0.0, *(point[1] for point in points)]))


HEAD: Final = (
    *("world", "hours", "closed", "same hours, same person", "same hours, all people"),
    *("promised − kept", "calibration", "Jaccard"),
)


def comparison(today: Mapping[str, Figures], new: Mapping[str, Figures]) -> Iterator[str]:
    """Yield a markdown table: each figure of today's model, then of the new one, and how much more is truly closed."""
    yield "| " + " | ".join(HEAD) + " |"
    yield "|---" * len(HEAD) + "|"
    yield from ("| " + " | ".join(_row(key, today[key], new[key])) + " |" for key in new)
    for name, place in (("same person", 0), ("all people", 1)):
        known = [gain for key in new if (gain := closed_more(today[key], new[key])[place]) is not None]
        if known:
            mean, least = 100 * float(np.mean(known)), 100 * min(known)
            yield f"\nTruly closed at the same hours, {name}: {mean:+.1f} % on average, {least:+.1f} % at worst."


def closed_more(today: Figures, new: Figures) -> tuple[float | None, float]:
    """Return how much more the new model's full budget closes than today's within the hours that the new one took.

    First with each person's own hours (where today's model was played with them), then with as many hours in all.
    """
    closed, hours = new[LAST]["closed"], new[LAST]["hours"]
    of_person = closed / today["equal"]["closed"] - 1 if "equal" in today else None
    return of_person, closed / closed_at(today, hours) - 1


def _row(key: str, today: Figures, new: Figures) -> Iterator[str]:
    yield key
    yield from (f"{today[LAST][name]:.3g} → {new[LAST][name]:.3g}" for name in ("hours", "closed"))
    yield from ("–" if gain is None else f"{100 * gain:+.1f} %" for gain in closed_more(today, new))
    yield " → ".join(f"{100 * (one[LAST]['promised'] - one[LAST]['kept']):+.1f}" for one in (today, new))
    yield " → ".join(f"{worst(one['calibration']):.1f}" for one in (today, new))
    yield " → ".join(f"{one['jaccard']:.2f}" for one in (today, new))


if __name__ == "__main__":
    main()
