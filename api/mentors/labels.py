"""How runs and pairs are told to people: names instead of keys, words instead of codes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from api.rendering import reason_text
from data.reference.loading import load_framework, load_territory
from models.people import people_of
from models.scope import Scope
from models.session import Session
from models.territories import framework_of
from recommender.mentoring.reasons import KeptReason
from recommender.mentoring.values import KeptNext, KeptPart

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
    "withdrawn": ("отозвана", ""),
    "ended": ("завершена", ""),
}
FORMATS: Final = {"in_person": "очно", "distance": "дистанционно"}
PARTS: Final = {
    "subject": "тот же предмет",
    "nearness": "работает рядом",
    "format": "можно встречаться очно",
    "contest": "отбор по конкурсу",
    "wanted_by_mentee": "желание педагога",
    "wanted_by_mentor": "желание наставника",
    "continuity": "уже работали вместе",
    "waiting": "педагог давно ждёт",
}
"""Parts of a fit that speak for a pair; «possible» says nothing and those below 0 do not help."""

OTHER_PARTS: Final = {
    "possible": "пара допустима по правилам территории",
    "load": "у наставника уже есть подопечные",
    "unwanted_by_mentee": "педагог просил другого наставника",
    "unwanted_by_mentor": "наставник просил другого педагога",
}
"""The remaining parts of a fit, told only where all of them are."""

ALL_PARTS: Final = {**PARTS, **OTHER_PARTS}
MEASURE_KINDS: Final[Mapping[str, str]] = {
    "consultation": "консультация",
    "lesson_visit": "посещение урока",
    "joint_planning": "совместное планирование",
    "masterclass": "мастер-класс",
    "analysis": "разбор",
    "discussion": "обсуждение шага маршрута",
    "review": "подведение итогов",
}

MOST_PARTS: Final = 3

LIFTED: Final = {
    "mentee_group": "педагог не из тех, для кого этот вид пар",
    "mentor_group": "наставник не из тех, кто бывает наставником в таких парах",
    "contest": "отбора по конкурсу не было",
    "reach": "работают далеко друг от друга, а дистанционно не получится",
    "experience": "разница опыта меньше положенной",
    "subject": "предметы разные",
    "strength": "нет сильной стороны там, где у педагога дефицит",
}
"""Rules of a territory that a coordinator may pass over by pinning a pair."""

DECLINE_REASONS: Final = {
    "far": "далеко ехать, дистанционно не подходит",
    "time": "нет времени",
    "topic": "нужна помощь в другом",
    "together": "знакомы, работать вместе не получится",
    "other": "другая причина",
}
"""What people choose from when they decline a pair; the last one is to be written out."""


def helps(parts: Iterable[KeptPart], titles: Mapping[str, str]) -> str:
    """Return in a line why a pair fits, from the largest parts of its fit."""
    told = [
        f"поможет с «{titles.get(part['competency'], part['competency'])}»"
        if part["code"] == "competency"
        else PARTS[part["code"]]
        for part in sorted(parts, key=lambda part: (-part["value"], part["code"], part["competency"]))
        if part["value"] > 0 and (part["code"] == "competency" or part["code"] in PARTS)
    ]
    return ", ".join(told[:MOST_PARTS]) or "подходит по правилам территории"


def contributions(parts: Iterable[KeptPart], titles: Mapping[str, str]) -> list[tuple[str, float]]:
    """Return every part of a fit in words with its value, the largest first."""
    found = [
        (
            f"поможет с «{titles.get(part['competency'], part['competency'])}»: здесь у педагога дефицит"
            if part["code"] == "competency"
            else ALL_PARTS[part["code"]],
            float(part["value"]),
        )
        for part in parts
    ]
    return sorted(found, key=lambda one: (-one[1], one[0]))


def keys_in(reasons: Iterable[KeptReason | None]) -> set[int]:
    """Return the people whom reasons and remedies name by key."""
    keys = (key for reason in reasons if reason for key in (reason.get("mentor", ""), reason.get("mentee", "")))
    return {int(key) for key in keys if key.isdecimal()}


def titles_of(session: Session, territory: str) -> dict[str, str]:
    """Return the titles of the competencies in use on a territory."""
    reference = load_framework(load_territory(territory).framework)
    return {one.code: one.title for one in framework_of(session, territory, reference).competencies}


def names_of(session: Session, scopes: Sequence[Scope], ids: Iterable[int]) -> dict[int, str]:
    """Return the names of those people that the scopes reach."""
    return {person.id: person.full_name for person in people_of(session, scopes, sorted(set(ids)))}


class NamedNext(KeptNext):
    """The next best mentor with the name."""

    name: str


def named_next(following: Iterable[KeptNext], names: Mapping[int, str]) -> list[NamedNext]:
    """Return the next best mentors with their names; one beyond the reader's scope stays without."""
    return [{**other, "name": names.get(other["mentor"], "наставник")} for other in following]


def reason_sentence(
    reason: KeptReason | None, names: Mapping[int, str], titles: Mapping[str, str], unknown: str = "наставник"
) -> str:
    """Return the sentence of a reason or remedy; a person beyond the reader's scope stays without a name."""
    if reason is None:
        return ""
    named = reason.copy()
    if "mentor" in named:
        named["mentor"] = _name(named["mentor"], names, unknown)
    if "mentee" in named:
        named["mentee"] = _name(named["mentee"], names, unknown)
    if "competency" in named:
        named["competency"] = titles.get(named["competency"], named["competency"])
    return reason_text(named)


def _name(key: str, names: Mapping[int, str], unknown: str) -> str:
    return names.get(int(key), unknown) if key.isdecimal() else key
