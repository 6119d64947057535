"""The explained answer, declared once: what is built, stored, compared, shown on pages, printed and described is this.

Days are days here; they become ISO text where an answer leaves the process. Shares are 0–1, per cents 0–100.
"""

from datetime import date

from typing_extensions import TypedDict

from recommender.reasons import ConfidenceLevel
from recommender.route import PlacementAnswer


class ReasonValues(TypedDict, total=False):
    """The values that a code of `recommender/reasons.py` may bring, by name."""

    activity: str
    activity_title: str
    asked: float
    audience: str
    competency: str
    count: float
    date: date | None
    day: date | None
    ends: date | None
    form: str
    format: str
    hours: float
    hours_change: float
    kept: float
    limit: float
    minimum: float
    municipality: str
    percent: float
    percent_change: float
    period: str
    registers: str
    required: str
    required_title: str
    rule: str
    share: float
    since: date | None
    starts: date | None
    steps: float
    subjects: str
    target: float
    term: float
    text: str
    title: str
    until: date | None
    value_change: float
    years: float


class ReasonAnswer(ReasonValues):
    """A code with its values; on its way out it gets the sentence made of them as `text`."""

    code: str


class PersonAnswer(TypedDict):
    """The person as the answer repeats it."""

    kind: str
    subjects: list[str]
    municipality: str
    young: bool


LimitsAnswer = TypedDict(
    "LimitsAnswer",
    {"hours": float, "term_hours": float, "formats": list[str], "from": date, "to": date, "steps": int},
)
"""The limits that held, with the defaults of the territory filled in."""


class ResultAnswer(TypedDict):
    """A result of a diagnostic."""

    percent: float
    form: str
    stage: str
    date: date
    source: str


class EvidenceAnswer(ResultAnswer):
    """A result behind a deficit with its weight in the per cent."""

    weight: float


class GroupMeanAnswer(TypedDict):
    """The mean of the person's group and its weight in the per cent."""

    percent: float
    weight: float


class FactorsAnswer(TypedDict):
    """What the weight of a deficit is the product of."""

    step: float
    priority: float
    confidence: float
    request: float


class DeficitAnswer(TypedDict):
    """A competency below its target."""

    competency: str
    title: str
    area: str
    percent: float
    uncertainty: float
    target: float
    gap: float
    level: str
    level_title: str
    weight: float
    factors: FactorsAnswer
    confidence: float
    confidence_level: ConfidenceLevel
    self_only: bool
    evidence: list[EvidenceAnswer]
    norm: GroupMeanAnswer
    self_assessments: list[ResultAnswer]


class GainFactors(TypedDict):
    """What a gain is the product of."""

    prior: float
    relevance: float
    confirmed: float
    chance: float


class ClosingAnswer(GainFactors):
    """The share of a deficit that is closed; alone it would close the gain, the product of the factors."""

    competency: str
    title: str
    share: float
    gain: float
    spread: float


class ContributionAnswer(TypedDict):
    """A summand of a score."""

    code: str
    competency: str | None
    value: float


class ConfidenceAnswer(TypedDict):
    """How much is known about a step."""

    value: float
    level: ConfidenceLevel


class AlternativeAnswer(TypedDict):
    """Another activity in the place of a step and what it would change."""

    activity: str
    delivery: int
    title: str
    value_change: float
    hours_change: float


class ActivityAnswer(TypedDict):
    """What the catalogue says of the activity of a step, and of the delivery that was chosen."""

    activity: str
    delivery: int
    title: str
    kind: str
    provider: str
    registers: list[str]
    register_number: str
    register_until: date | None
    format: str
    link: str
    places: int | None
    municipality: str
    dated: bool


class StepAnswer(ActivityAnswer):
    """One step of a route."""

    term: int
    term_title: str
    starts: date
    ends: date
    hours: float
    closes: list[ClosingAnswer]
    contributions: list[ContributionAnswer]
    score: float
    reasons: list[ReasonAnswer]
    confidence: ConfidenceAnswer
    alternatives: list[AlternativeAnswer]


class GivenAnswer(TypedDict):
    """What a pair of mentoring gives before the steps."""

    pair: str
    kind: str
    starts: date | None
    ends: date | None
    closes: list[ClosingAnswer]
    contributions: list[ContributionAnswer]
    score: float


class CertificateAnswer(TypedDict):
    """How far a route may be from the best possible one."""

    value: float
    bound: float
    gap: float


class RouteAnswer(TypedDict):
    """Steps in order of time, and what is said of them as a whole."""

    steps: list[StepAnswer]
    mentoring: list[GivenAnswer]
    certificate: CertificateAnswer
    hours: float
    closed: float
    hour_cost: float
    notes: list[ReasonAnswer]


class OpenAnswer(ReasonValues):
    """What stays open of a deficit: `reason` is the code, its values stand beside it."""

    reason: str


class ExcludedAnswer(ReasonValues):
    """An activity that touches a deficit and may not be taken: `reason` is the rule, its values stand beside it."""

    reason: str


class VersionsAnswer(TypedDict):
    """Of what the answer was computed."""

    catalogue: str
    framework: str
    rules: str
    ranker: str
    scale: str


class ExplainedAnswer(TypedDict):
    """The whole explained answer to one request."""

    territory: str
    on: date
    person: PersonAnswer
    limits: LimitsAnswer
    fixed: list[str]
    forbidden: list[str]
    placed: list[PlacementAnswer]
    deficits: list[DeficitAnswer]
    route: RouteAnswer
    open: list[OpenAnswer]
    excluded: list[ExcludedAnswer]
    versions: VersionsAnswer
