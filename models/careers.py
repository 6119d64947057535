"""How long people have taught, and who is a young specialist."""

from datetime import date

from models.people import PersonRecord
from recommender.territory import YoungRule


def is_young(person: PersonRecord, rule: YoungRule, on: date) -> bool:
    """Tell whether a person is a young specialist on a day; without a birth date or a start of work nobody is."""
    if person.birth_date is not None:
        born = person.birth_date
        age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    elif person.birth_year is not None:
        age = on.year - person.birth_year
    else:
        return False
    years = years_worked(person, on)
    return years is not None and age < rule.age and years <= rule.years


def years_worked(person: PersonRecord, on: date) -> float | None:
    """Return for how many years a person has taught on a day, None where nothing is known of it."""
    if person.work_started is not None:
        return (on - person.work_started).days / 365.25
    if person.experience_years is None or person.experience_on is None:
        return None
    return person.experience_years + (on - person.experience_on).days / 365.25
