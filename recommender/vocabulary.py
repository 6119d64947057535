"""The closed lists of codes that the whole service speaks; Russian words for them stand in `data/vocabulary.yaml`."""

from typing import Final

PERSON_KINDS: Final = ("teacher", "manager")
STAGES: Final = ("entry", "interim", "final")
FORMS: Final = ("test", "case", "video", "observation", "self", "expert", "pupils")
ACTIVITY_KINDS: Final = (
    "pk",
    "pp",
    "internship",
    "masterclass",
    "lesson_visit",
    "seminar",
    "webinar",
    "conference",
    "union",
    "community",
    "contest",
    "consultation",
    "self_study",
    "mentoring",
)
PROGRAMME_KINDS: Final = ("pk", "pp")
"""Kinds that end with a state document: only these are formal steps and stand in a register."""

FORMATS: Final = ("in_person", "extramural", "mixed", "distance")
ATTENDED_FORMATS: Final = ("in_person", "mixed")
"""Formats that ask a person to be at a place on a date: nearness and clashes concern only these."""

REGISTERS: Final = ("federal", "regional")
PROVIDER_KINDS: Final = ("state", "municipal", "other")
AUDIENCES: Final = ("teacher", "manager", "young", "team")
QUALIFICATIONS: Final = ("none", "conformity", "first", "highest", "methodist", "mentor")
COMBINATIONS: Final = ("latest", "best", "weighted")

TERRITORY_LEVELS: Final = ("region", "municipality", "city")
ORGANISATION_LEVELS: Final = ("federal", "regional", "city", "municipal", "institutional")
PAIR_KINDS: Final = ("young", "subject", "competence", "team")
DIRECTIONS: Final = ("min", "max")
"""What an indicator's target is: «min» wants at least it, «max» at most it."""
