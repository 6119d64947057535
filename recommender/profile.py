"""What a person masters: several results of a competency become one mastery with its uncertainty."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from math import sqrt
from operator import mul
from typing import Final, NamedTuple

from recommender.diagnostics import DiagnosticResult
from recommender.refusals import Refused
from recommender.territory import ProfilePolicy
from recommender.vocabulary import COMBINATIONS, FORMS, STAGES

SELF_FORM: Final = "self"
SELF_CONFIDENCE: Final = 0.3
"""Confidence in a self-assessment that stands alone is at most this: always «low»."""

HIGHEST_RELIABILITY: Final = 0.99
"""No measurement is taken for free of error, or one result would silence all others for ever."""


class Mastery(NamedTuple):
    """The mastery of one competency.

    `percent` (0–100) = Σ weights·results + group_mean_weight·group_mean, where `weights` belong to `results` (newest
    first) and `group_mean` is in per cent. `uncertainty` is a standard deviation as a share; `confidence` in [0, 1] is
    the share of the group's variance that the results explain. `self_only` says that nothing but self-assessments is
    known; otherwise these stand apart in `self_assessments` and have no part in the mastery.
    """

    competency: str
    percent: float
    uncertainty: float
    confidence: float
    results: tuple[DiagnosticResult, ...]
    weights: tuple[float, ...]
    group_mean: float
    group_mean_weight: float
    self_only: bool = False
    self_assessments: tuple[DiagnosticResult, ...] = ()

    @property
    def mastery(self) -> float:
        """The mastery as a share in [0, 1]."""
        return self.percent / 100


@dataclass(frozen=True)
class CompetencyProfile:
    """All measured competencies of a person on a day, by code."""

    on: date
    masteries: tuple[Mastery, ...]

    @cached_property
    def by_competency(self) -> Mapping[str, Mastery]:
        """Masteries by code of competency."""
        return {mastery.competency: mastery for mastery in self.masteries}


def build_profile(
    results: Iterable[DiagnosticResult], policy: ProfilePolicy, group_means: Mapping[str, float], on: date
) -> CompetencyProfile:
    """Return the profile of a person on a day by the policy of the territory.

    `group_means` are mean masteries (shares) of the person's group by competency; `policy.mean` stands in where one is
    absent. Results taken after `on` are not known on that day and are left out; the order of results is of no
    consequence. «latest» takes the newest result, «best» the highest one, «weighted» the mean of all with precision
    weights, shrunk to the norm (empirical Bayes; Kelley's formula where there is one result).

    Raises `Refused` for a form, a stage, a per cent or a combination that has no meaning.
    """
    if policy.combine not in COMBINATIONS:
        raise Refused("unknown_combination", combine=policy.combine)
    grouped = defaultdict[str, list[DiagnosticResult]](list)
    for result in results:
        if result.form not in FORMS or result.stage not in STAGES or not 0 <= result.percent <= 100:
            raise _without_meaning(result)
        if result.taken_on <= on:
            grouped[result.competency].append(result)
    return CompetencyProfile(
        on,
        tuple(
            [_mastery(code, grouped[code], policy, group_means.get(code, policy.mean), on) for code in sorted(grouped)]
        ),
    )


def precision(result: DiagnosticResult, policy: ProfilePolicy, on: date) -> float:
    """Return the precision (one over the error variance, in shares) of a result, halved by each half-life of age.

    The reliability ρ of the form belongs to `policy.reference_tasks` tasks and is carried to the length of the
    measurement by Spearman–Brown; the error variance is spread²·(1 − ρ)/ρ by the definition of reliability.
    """
    reliability = policy.reliability.get(result.form)
    if reliability is None:
        raise Refused("unknown_form", form=result.form)
    fresh = _fresh_precision(reliability, result.tasks, policy.reference_tasks, policy.spread)
    age = (on - result.taken_on).days
    return float(fresh * 2.0 ** (-age / policy.half_life_days))


@lru_cache(maxsize=1024)
def _fresh_precision(reliability: float, tasks: int | None, reference_tasks: int, spread: float) -> float:
    """Return the precision of a result of today: few forms and lengths stand behind all the results of a region."""
    length = 1.0 if tasks is None else tasks / reference_tasks
    reliability = length * reliability / (1 + (length - 1) * reliability)
    reliability = min(reliability, HIGHEST_RELIABILITY)
    return reliability / (1 - reliability) / spread**2


def newest_first(result: DiagnosticResult) -> tuple[int, int, str, float, str, int]:
    """Return the sort key that puts the newest result first and breaks every tie by the values themselves."""
    _, percent, form, stage, taken_on, source, tasks = result
    return -taken_on.toordinal(), -STAGES.index(stage), form, percent, source, tasks or 0


def _without_meaning(result: DiagnosticResult) -> Refused:
    if result.form not in FORMS:
        return Refused("unknown_form", form=result.form)
    if result.stage not in STAGES:
        return Refused("unknown_stage", stage=result.stage)
    return Refused("percent_outside", competency=result.competency, percent=result.percent)


def _mastery(
    code: str, results: Sequence[DiagnosticResult], policy: ProfilePolicy, group_mean: float, on: date
) -> Mastery:
    ordered = sorted(results, key=newest_first) if len(results) > 1 else results
    measured = [result for result in ordered if result.form != SELF_FORM]
    apart = [result for result in ordered if result.form == SELF_FORM] if 0 < len(measured) < len(ordered) else []
    used = measured or ordered
    precisions = [precision(result, policy, on) for result in used]
    percent, weights, group_mean_weight, held = _combine(used, precisions, policy, group_mean)
    own = policy.spread**2
    variance = 1 / (held + 1 / own)
    confidence = 1 - variance / own
    if not measured:
        confidence = min(confidence, SELF_CONFIDENCE)
    alone = not measured
    return Mastery(
        code,
        percent,
        sqrt(variance),
        confidence,
        tuple(used),
        weights,
        group_mean * 100,
        group_mean_weight,
        alone,
        tuple(apart),
    )


def _combine(
    results: Sequence[DiagnosticResult], precisions: Sequence[float], policy: ProfilePolicy, group_mean: float
) -> tuple[float, tuple[float, ...], float, float]:
    """Return the per cent, the weights of the results and of the norm, and the precision that the results bring."""
    if policy.combine == "weighted":
        prior, held = 1 / policy.spread**2, sum(precisions)
        total = prior + held
        weights = tuple([value / total for value in precisions])
        percent = prior / total * group_mean * 100
        percent += sum(map(mul, weights, [result.percent for result in results]))
        if not 0.0 <= percent <= 100.0:
            percent = min(max(percent, 0.0), 100.0)
        return percent, weights, prior / total, held
    chosen = 0
    if policy.combine == "best":
        chosen = max(range(len(results)), key=lambda index: (results[index].percent, -index))
    weights = tuple(float(index == chosen) for index in range(len(results)))
    return results[chosen].percent, weights, 0.0, precisions[chosen]
