"""What is the same for everyone of a territory, kept in memory until the database says that it has changed."""

import gc
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from data.reference.loading import load_framework, load_territory
from models.activities import load_activities
from models.group_means import kept_group_means
from models.session import Engine, Session, Sessions, transaction
from models.territories import framework_of, territory_codes_in_use, versions_of
from recommender.catalogue import build_catalogue
from recommender.knowledge import Knowledge


@dataclass(slots=True)
class _Kept:
    """What is known of a territory, and the versions that it was read at."""

    catalogue_version: int = -1
    people_version: int = -1
    knowledge: Knowledge | None = None


# Kept by engine: what one database says of a territory is not true of another.
_kept: WeakKeyDictionary[Engine, dict[str, _Kept]] = WeakKeyDictionary()
_lock: Final = Lock()


def knowledge_of(session: Session, territory: str) -> Knowledge:
    """Return rules, framework, catalogue and group means of a territory as the database has them now."""
    rules = load_territory(territory)
    with _lock:
        kept = _kept.setdefault(session.get_bind().engine, {}).setdefault(territory, _Kept())
        catalogue_version, people_version = versions_of(session, territory)
        if kept.knowledge is None or kept.catalogue_version != catalogue_version:
            framework = framework_of(session, territory, load_framework(rules.framework))
            activities = load_activities(session, territory)
            catalogue = build_catalogue(activities, framework, rules, str(catalogue_version))
            group_means = {} if kept.knowledge is None else kept.knowledge.group_means
            kept.knowledge = Knowledge(rules, framework, catalogue, group_means)
            kept.catalogue_version = catalogue_version
        if kept.people_version != people_version:
            kept.knowledge = replace(kept.knowledge, group_means=kept_group_means(session, territory))
            kept.people_version = people_version
        return kept.knowledge


def read_ahead(sessions: Sessions, territories: Sequence[str] | None = None) -> None:
    """Read what some territories (all of the database) have in common, before the first question of a long process.

    What is read then lives as long as the process: without the last line, every full collection of cycles would look
    through ten thousand activities and hold up somebody's answer by a tenth of a second and more.
    """
    with transaction(sessions) as session:
        for territory in territory_codes_in_use(session) if territories is None else territories:
            knowledge_of(session, territory)
    gc.collect()
    gc.freeze()
