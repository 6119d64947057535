"""What is answered to a request, as values of the core."""

from dataclasses import dataclass

from recommender.knowledge import Versions
from recommender.profile import CompetencyProfile
from recommender.route import Deficit, Excluded, Open, Request, Route


@dataclass(frozen=True)
class Recommendation:
    """What is answered to a request. `excluded` is None where it was not asked for."""

    request: Request
    profile: CompetencyProfile
    deficits: tuple[Deficit, ...]
    route: Route
    open: tuple[Open, ...]
    excluded: tuple[Excluded, ...] | None
    versions: Versions
