"""Group means of territories, kept in memory until people or results change: every profile is drawn towards them."""

from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from models.diagnostics import group_means_of
from models.session import Engine, Session
from models.territories import versions_of

GroupMeans = dict[str, dict[str, float]]

LEAST_MEASURED: Final = 20
"""A mean of fewer people says too little of a group, and too much of each of them."""

# Kept by engine: what one database says of a territory is not true of another.
_kept: WeakKeyDictionary[Engine, dict[str, tuple[int, GroupMeans]]] = WeakKeyDictionary()
_lock: Final = Lock()


def kept_group_means(session: Session, territory: str) -> GroupMeans:
    """Return the means (`group_means_of`) of a territory as its people are now; making them reads all results."""
    with _lock:
        kept = _kept.setdefault(session.get_bind().engine, {})
        _catalogue, people_version = versions_of(session, territory)
        if territory not in kept or kept[territory][0] != people_version:
            kept[territory] = people_version, group_means_of(session, territory, least=LEAST_MEASURED)
        return kept[territory][1]
