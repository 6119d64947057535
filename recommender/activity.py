"""Programmes, internships and events that may become steps of a route."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Delivery:
    """One group of an activity; without dates it may begin at any time, without `places` it has no limit."""

    starts: date | None = None
    ends: date | None = None
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """One entry of the catalogue with all its deliveries.

    `develops` pairs competency codes with relevance in (0, 1]; `proposed` likewise for tags that nobody confirmed yet
    (they count half). `hours` is None where the source gives none: the territory's default of the kind holds then.
    """

    code: str
    kind: str
    title: str
    provider: str
    provider_kind: str = "state"
    hours: float | None = None
    format: str = "distance"
    network: bool = False
    registers: tuple[str, ...] = ()
    register_number: str = ""
    register_until: date | None = None
    deliveries: tuple[Delivery, ...] = (Delivery(),)
    subjects: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    develops: tuple[tuple[str, float], ...] = ()
    proposed: tuple[tuple[str, float], ...] = ()
    requires: tuple[str, ...] = ()
    municipality: str = ""
    annotation: str = ""
    link: str = ""
