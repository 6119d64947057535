"""How runs and pairs are told to people: names instead of keys, words instead of codes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from api.rendering import reason_text
from models.people import people_of
from models.scope import Scope
from models.session import Session

KINDS: Final = {
    "young": "наставник – молодой специалист",
    "subject": "по предмету",
    "competence": "по компетенции",
    "team": "команда – команде",
}
OBJECTIVES: Final = {
    "coverage": "наибольший охват, затем сумма",
    "total": "наибольшая сумма",
    "fairest": "справедливый: лучше всего худшей паре",
}
RUN_STATES: Final = {
    "queued": ("считается", "warn"),
    "computed": ("рассчитан", "accent"),
    "viewed": ("просмотрен", "accent"),
    "published": ("опубликован", "good"),
    "dropped": ("удалён", ""),
}
PAIR_STATES: Final = {
    "proposed": ("предложена", "warn"),
    "agreed": ("согласована", "accent"),
    "active": ("действует", "good"),
    "declined": ("отклонена", ""),
    "ended": ("завершена", ""),
}
FORMATS: Final = {"in_person": "очно", "distance": "дистанционно"}
PARTS: Final = {
    "subject": "тот же предмет",
    "nearness": "работает рядом",
    "format": "можно встречаться очно",
    "contest": "выбран по конкурсу",
    "wanted_by_mentee": "желание педагога",
    "wanted_by_mentor": "желание наставника",
    "continuity": "уже работали вместе",
    "waiting": "педагог давно ждёт",
}
"""Parts of a fit that speak for a pair; «possible» says nothing and those below 0 do not help."""

MOST_PARTS: Final = 3


def helps(parts: Iterable[Mapping[str, Any]], titles: Mapping[str, str]) -> str:
    """Return in a line why a pair fits, from the largest parts of its fit."""
    told = [
        f"силён в «{titles.get(part['competency'], part['competency'])}»"
        if part["code"] == "competency"
        else PARTS[part["code"]]
        for part in sorted(parts, key=lambda part: (-part["value"], part["code"], part["competency"]))
        if part["value"] > 0 and (part["code"] == "competency" or part["code"] in PARTS)
    ]
    return ", ".join(told[:MOST_PARTS]) or "подходит по правилам территории"


def keys_in(reasons: Iterable[Mapping[str, Any] | None]) -> set[int]:
    """Return the people whom reasons and remedies name by key."""
    return {
        int(reason[name])
        for reason in reasons
        if reason is not None
        for name in ("mentor", "mentee")
        if str(reason.get(name, "")).isdecimal()
    }


def names_of(session: Session, scopes: Sequence[Scope], ids: Iterable[int]) -> dict[int, str]:
    """Return the names of those people that the scopes reach."""
    return {person.id: person.full_name for person in people_of(session, scopes, sorted(set(ids)))}


def told_text(
    reason: Mapping[str, Any] | None, names: Mapping[int, str], titles: Mapping[str, str], unknown: str = "наставник"
) -> str:
    """Return the sentence of a reason or remedy; a person beyond the reader's scope stays without a name."""
    if reason is None:
        return ""
    values = dict(reason)
    for name in ("mentor", "mentee"):
        if str(values.get(name, "")).isdecimal():
            values[name] = names.get(int(values[name]), unknown)
    if "competency" in values:
        values["competency"] = titles.get(values["competency"], values["competency"])
    return reason_text(values)
