"""What the fields of the explained answer mean, in Russian, and which codes they hold: words for OpenAPI.

The answer itself is declared in `recommender/explanation/forms.py`; a name here that it does not know ends the start.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from typing_extensions import is_typeddict

from recommender.explanation import forms
from recommender.vocabulary import ACTIVITY_KINDS, FORMATS, FORMS, PAIR_KINDS, PERSON_KINDS, STAGES


class Meaning(NamedTuple):
    """The description of a field, and the codes that it is one of where it is a code."""

    text: str = ""
    codes: tuple[str, ...] = ()


SCORE: Final = Meaning("Сумма contributions")
SAID: Final = Meaning("Русское предложение из кода и значений")

MEANINGS: Final[Mapping[str, Mapping[str, Meaning]]] = {
    "PersonAnswer": {"kind": Meaning(codes=PERSON_KINDS)},
    "ResultAnswer": {"form": Meaning(codes=FORMS), "stage": Meaning(codes=STAGES)},
    "EvidenceAnswer": {"form": Meaning(codes=FORMS), "stage": Meaning(codes=STAGES)},
    "DeficitAnswer": {
        "percent": Meaning("Сейчас, 0–100: сумма weight·percent по evidence и norm"),
        "uncertainty": Meaning("Стандартное отклонение, доля"),
        "target": Meaning("Цель, доля"),
        "gap": Meaning("target − percent/100, не меньше нуля"),
        "weight": Meaning("Произведение factors"),
        "self_only": Meaning("Известны только самооценки"),
        "norm": Meaning("Среднее группы и его вес в percent"),
    },
    "ClosingAnswer": {
        "share": Meaning("Доля дефицита, которую шаг закрывает после предыдущих"),
        "gain": Meaning("Доля, которую он закрыл бы один: prior · relevance · confirmed · chance"),
        "spread": Meaning("Стандартное отклонение gain"),
        "prior": Meaning("По виду и часам мероприятия"),
        "confirmed": Meaning("1 или ½, если связь ещё не подтверждена"),
        "chance": Meaning("Вероятность, что мероприятие будет пройдено"),
    },
    "ContributionAnswer": {"code": Meaning(codes=("closing", "hours"))},
    "StepAnswer": {
        "activity": Meaning("Код мероприятия"),
        "kind": Meaning(codes=ACTIVITY_KINDS),
        "format": Meaning(codes=FORMATS),
        "dated": Meaning("У группы есть свои даты"),
        "term": Meaning("Номер периода, с 1"),
        "score": SCORE,
    },
    "GivenAnswer": {"kind": Meaning(codes=PAIR_KINDS), "score": SCORE},
    "CertificateAnswer": {"gap": Meaning("(bound − value) / max(|bound|, |value|), доля")},
    "RouteAnswer": {
        "mentoring": Meaning("Наставничество: дано, а не выбрано; входит в value и bound, часов не занимает"),
        "closed": Meaning("Закрытая доля суммы weight·gap"),
    },
    "ReasonAnswer": {"text": SAID},
    "OpenAnswer": {"reason": Meaning("Код причины"), "text": SAID},
    "ExcludedAnswer": {"reason": Meaning("Код правила"), "text": SAID},
}


def _checked() -> None:
    for form, fields in MEANINGS.items():
        declared = getattr(forms, form)
        assert is_typeddict(declared) and not fields.keys() - declared.__annotations__.keys(), form


_checked()
