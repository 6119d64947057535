"""How likely an activity is to be accepted and completed."""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from recommender.catalogue import Catalogue, Floats, Indices
from recommender.route import Request


class Ranker(Protocol):
    """What moves the gains of a person's candidates; every recommendation keeps its `version`."""

    @property
    def version(self) -> str:
        """Name and version, kept with every recommendation."""

    def chances(self, request: Request, positions: Indices, catalogue: Catalogue) -> Floats:
        """Return (m,) the chance in (0, 1] that each activity, once proposed, is accepted and completed.

        A gain is multiplied by it, so the route closes what may be expected and the explanation stays a product.
        """


@dataclass(frozen=True)
class RuleRanker:
    """The ranker before any history: whatever the rules let through is taken to be completed."""

    version: str = "rules-1"

    def chances(self, request: Request, positions: Indices, catalogue: Catalogue) -> Floats:
        """Return ones: the territory's priors of gains already speak of people who finished."""
        return np.ones(len(positions))


RULES: Final = RuleRanker()
