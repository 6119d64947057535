"""What is known of a territory before anybody asks: rules, framework, catalogue, group means; its versions."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from recommender.catalogue import Catalogue
from recommender.framework import Framework
from recommender.ranking import Ranker
from recommender.territory import Territory

GroupMeans = Mapping[str, Mapping[str, float]]
"""Mean mastery (share) by kind of person, then by competency; what is absent is `ProfilePolicy.mean`."""


@dataclass(frozen=True, eq=False)
class Knowledge:
    """What is the same for everyone of a territory: rules, framework, catalogue and group means."""

    territory: Territory
    framework: Framework
    catalogue: Catalogue
    group_means: GroupMeans = field(default_factory=dict)


@dataclass(frozen=True)
class Versions:
    """Versions of everything a recommendation was computed from."""

    catalogue: str
    framework: str
    rules: str
    ranker: str
    scale: str


def versions_of(knowledge: Knowledge, ranker: Ranker) -> Versions:
    """Return the versions of the knowledge and the ranker, each as «code version» where it has a code."""
    territory, framework = knowledge.territory, knowledge.framework
    return Versions(
        catalogue=knowledge.catalogue.version,
        framework=f"{framework.code} {framework.version}",
        rules=f"{territory.code} {territory.version}",
        ranker=ranker.version,
        scale=f"{territory.scale.code} {territory.scale.version}",
    )
