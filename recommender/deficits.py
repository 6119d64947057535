"""What a person lacks: gaps against the targets of the territory, with weights that say which one matters more."""

from collections.abc import Collection, Iterable

from recommender.diagnostics import Person
from recommender.framework import Competency, Framework, Level, Scale
from recommender.profile import CompetencyProfile, Mastery
from recommender.refusals import Refused
from recommender.route import Deficit
from recommender.tagging import is_wished, match_wishes
from recommender.territory import Territory


def find_deficits(
    profile: CompetencyProfile, person: Person, wishes: Iterable[str], territory: Territory, framework: Framework
) -> tuple[Deficit, ...]:
    """Return the deficits of a person, heaviest first (weight × gap, then code).

    gap = max(0, target − mastery) in shares, the target from the territory's profile of the position. weight = step
    of the mastery's level × priority of the territory (by competency, else by area) × confidence × (1 + request).
    A competency without a gap, or on a level whose step is 0, is no deficit. `wishes` are codes or free text.

    Raises `Refused` for a competency outside the framework or a kind of person without targets.
    """
    if person.kind not in territory.targets:
        raise Refused("unknown_person_kind", kind=person.kind)
    wished = match_wishes(wishes, framework)[0]
    found = [_deficit(mastery, person, wished, territory, framework) for mastery in profile.masteries]
    deficits = [deficit for deficit in found if deficit is not None]
    return tuple(sorted(deficits, key=lambda deficit: (-deficit.weight * deficit.gap, deficit.competency)))


def level_of(mastery: Mastery, scale: Scale) -> Level:
    """Return the level of a mastery; a self-assessment alone never gives the lowest (critical) one."""
    level = scale.level_of(mastery.percent)
    if mastery.self_only and len(scale.levels) > 1 and level is scale.levels[0]:
        return scale.levels[1]
    return level


def _deficit(
    mastery: Mastery, person: Person, wished: Collection[str], territory: Territory, framework: Framework
) -> Deficit | None:
    competency = framework.by_code.get(mastery.competency)
    if competency is None:
        raise Refused("unknown_competency", competency=mastery.competency)
    target, share = territory.target_of(person.kind, competency.area) / 100, mastery.mastery
    # Most of what is measured is no deficit, and that shows before anything is made of it.
    if target <= share:
        return None
    level, priority = level_of(mastery, territory.scale), _priority(competency, territory)
    request = 2.0 if is_wished(competency, wished) else 1.0
    weight = level.step * priority * mastery.confidence * request
    if weight <= 0:
        return None
    factors = (("step", level.step), ("priority", priority), ("confidence", mastery.confidence), ("request", request))
    return Deficit(
        competency=competency.code,
        mastery=share,
        uncertainty=mastery.uncertainty,
        target=target,
        gap=target - share,
        level=level.code,
        weight=weight,
        confidence=mastery.confidence,
        factors=factors,
        evidence=mastery.results,
        percent=mastery.percent,
        evidence_weights=mastery.weights,
        group_mean=mastery.group_mean,
        group_mean_weight=mastery.group_mean_weight,
        self_only=mastery.self_only,
        self_assessments=mastery.self_assessments,
    )


def _priority(competency: Competency, territory: Territory) -> float:
    by_area = territory.priorities.get(competency.area, 1.0)
    return territory.priorities.get(competency.code, by_area)
