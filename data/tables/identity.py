"""Who a row is about: people are found again by id, else by name, organisation and birth, and never guessed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from data.spreadsheets.cells import Born, key
from data.spreadsheets.lines import Entry
from data.spreadsheets.names import LATIN, RUSSIAN, person_key, school_key, shown_name
from data.spreadsheets.plan import RefusedFile
from data.tables.rows import KnownPerson, PersonRow

_TO_RUSSIAN: Final = str.maketrans(LATIN, RUSSIAN)


@dataclass(frozen=True, slots=True)
class Who:
    """What a row says about its person."""

    external_id: str | None
    full_name: str | None
    organisation: str | None
    born: Born | None


def read_name(entry: Entry) -> str | None:
    """Return the full name from one column or from three; in three the surname and the first name are needed."""
    name = entry.name("full_name")
    if name is not None or "surname" not in entry.columns.fields:
        return None if name is None else shown_name(name)
    surname, first, patronymic = entry.name("surname"), entry.name("first_name"), entry.name("patronymic")
    if surname is None and first is None and patronymic is None:
        return None
    entry.need("surname", surname, "surname_missing", "фамилия не указана")
    entry.need("first_name", first, "first_name_missing", "имя не указано")
    return shown_name(" ".join(part for part in (surname, first, patronymic) if part))


def name_field(entry: Entry) -> str:
    """Return the field under which a fault of the whole name is reported."""
    fields = entry.columns.fields
    return "surname" if "full_name" not in fields and "surname" in fields else "full_name"


def read_who(entry: Entry) -> Who:
    """Return what a row says about its person; bad cells are blamed, missing ones are not yet."""
    return Who(entry.identifier("external_id"), read_name(entry), entry.name("organisation"), entry.born("birth_date"))


def alike(code: str) -> str:
    """Return a code without what is easily lost or mistaken: zeros before it, Latin look-alikes, strokes."""
    letters = "".join(sign for sign in code.upper().translate(_TO_RUSSIAN) if sign.isalnum())
    return letters.lstrip("0") or letters


def born_of(row: PersonRow) -> Born | None:
    """Return the birth of a person row as far as it is known."""
    if row.birth_date is not None:
        return Born(row.birth_date.year, row.birth_date)
    return None if row.birth_year is None else Born(row.birth_year)


def agree(one: Born | None, other: Born | None) -> bool:
    """Return whether two births may be the same: an unknown one agrees with any, a year with any date in it."""
    if one is None or other is None:
        return True
    days: tuple[date | None, date | None] = (one.on, other.on)
    return one.year == other.year and (None in days or days[0] == days[1])


def need_people(people: Sequence[KnownPerson]) -> None:
    """Refuse a file about people where there are none yet, and say what to apply first."""
    if not people:
        raise RefusedFile("В территории ещё нет педагогов: сначала загрузите и примените таблицу «педагоги».")


class PeopleIndex:
    """Known people by id and by name and organisation, for the tables that must find them again."""

    def __init__(self, people: Iterable[KnownPerson]) -> None:
        self._by_id: dict[str, KnownPerson] = {}
        self._by_name: dict[tuple[str, str], list[KnownPerson]] = {}
        self._called: dict[str, list[KnownPerson]] = {}
        self._alike: dict[str, KnownPerson] | None = None
        for person in people:
            if person.row.external_id:
                self._by_id[key(person.row.external_id)] = person
            place = (person_key(person.row.full_name), school_key(person.row.organisation))
            self._by_name.setdefault(place, []).append(person)
            self._called.setdefault(place[0], []).append(person)

    def by_id(self, external_id: str) -> KnownPerson | None:
        return self._by_id.get(key(external_id))

    def hint(self, external_id: str) -> str:
        """Return what to add to the sentence about an unknown code where a known one only looks alike."""
        if self._alike is None:
            self._alike = {alike(code): person for code, person in self._by_id.items()}
        person = self._alike.get(alike(external_id))
        return f"; похож код «{person.row.external_id}»: проверьте нули и латинские буквы" if person else ""

    def called(self, full_name: str) -> list[KnownPerson]:
        """Return everybody of a name, wherever they work."""
        return list(self._called.get(person_key(full_name), ()))

    def named(self, full_name: str, organisation: str, born: Born | None = None) -> list[KnownPerson]:
        """Return everybody of a name in an organisation whose birth agrees."""
        found = self._by_name.get((person_key(full_name), school_key(organisation)), ())
        return [person for person in found if agree(born, born_of(person.row))]

    def find(self, entry: Entry) -> int | None:
        """Return the id of the person a row is about; one who is unknown or could be two is a fault."""
        earlier = len(entry.faults)
        who = read_who(entry)
        if entry.cell("external_id") is not None:
            return None if who.external_id is None else self._by_code(entry, who, who.external_id)
        if len(entry.faults) > earlier or not self._says_enough(entry, who):
            return None
        return self._by_words(entry, who)

    def _by_code(self, entry: Entry, who: Who, external_id: str) -> int | None:
        person = self.by_id(external_id)
        if person is None:
            entry.blame("external_id", "person_unknown", f"педагога с таким кодом нет{self.hint(external_id)}")
            return None
        if who.full_name and who.organisation and person_key(who.full_name) != person_key(person.row.full_name):
            others = self.named(who.full_name, who.organisation, who.born)
            if others:
                entry.blame(
                    "external_id", "person_ambiguous", "код одного педагога, а ФИО и организация – другого: исправьте"
                )
                return None
        return person.id

    def _says_enough(self, entry: Entry, who: Who) -> bool:
        if who.full_name is None and "external_id" in entry.columns.fields:
            entry.blame("external_id", "person_missing", "код педагога не указан")
        elif who.full_name is None:
            entry.blame(name_field(entry), "name_missing", "ФИО не указано")
        elif who.organisation is None:
            field = "organisation" if "organisation" in entry.columns.fields else _nearest(entry)
            entry.blame(field, "organisation_missing", "без организации педагог не определяется")
        return who.full_name is not None and who.organisation is not None

    def _by_words(self, entry: Entry, who: Who) -> int | None:
        assert who.full_name is not None and who.organisation is not None
        found = self.named(who.full_name, who.organisation, who.born)
        if len(found) == 1:
            return found[0].id
        field = name_field(entry)
        if found:
            message = f"таких педагогов {len(found)}: укажите код или дату рождения"
            entry.blame(field, "person_ambiguous", message, who.full_name)
        elif self.named(who.full_name, who.organisation):
            entry.blame("birth_date", "person_unknown", "педагога с такой датой рождения нет")
        else:
            message = f"педагога «{who.full_name}» в организации «{who.organisation}» нет"
            entry.blame(field, "person_unknown", message, who.full_name)
        return None


def _nearest(entry: Entry) -> str:
    """Return the column to correct where the file has none for the organisation."""
    return "external_id" if "external_id" in entry.columns.fields else name_field(entry)
