"""Who is proposed to a mentee after a refusal: the next best of the run, if that still holds today."""

from datetime import date

from api import audit
from api.access import Access, verb
from api.errors import Conflict
from api.mentors.pair_history import key_of
from api.mentors.region import TEAM, people_for, rule_of, team_mates
from api.mentors.stored import stored_part
from api.policy import Action
from models.mentor_runs import run_row
from models.pairs import AlreadyPaired, PairRecord, add_pair, open_pairs, refused_mentors
from models.scope import Scope
from models.session import Session
from recommender.mentoring.fit import mentor_places
from recommender.mentoring.participants import pair_rules
from recommender.mentoring.swaps import changes_by_hand
from recommender.mentoring.values import Pair
from recommender.territory import MentoringRule, Territory


@verb(Action.PAIR_AGREE)
def offer_next(session: Session, access: Access, pair: PairRecord) -> PairRecord | None:
    """Propose the next best mentor of the run that the declined pair came from, if that mentor has a place."""
    finding = access.for_(Action.MENTORS_FIND, Scope(pair.territory))
    row = None if pair.run_id is None else run_row(session, finding.scopes, pair.run_id, pair.mentee_id)
    if row is None or open_pairs(session, pair.territory, pair.kind, [pair.mentee_id]):
        return None
    refused = refused_mentors(session, pair.territory, pair.kind, pair.mentee_id)
    for mentor_id in (other["mentor"] for other in row.following if other["mentor"] not in refused):
        offered = _as_of_today(session, finding, pair, mentor_id)
        if offered is None:
            continue
        new = PairRecord(
            territory=pair.territory,
            kind=pair.kind,
            mentee_id=pair.mentee_id,
            mentor_id=mentor_id,
            run_id=pair.run_id,
            fit=offered.fit,
            parts=[stored_part(part) for part in offered.parts],
            format=offered.format,
            proposed_on=date.today(),
        )
        try:
            add_pair(session, new)
        except AlreadyPaired:
            raise Conflict("Этому педагогу только что предложили другую пару. Обновите страницу.") from None
        audit.record(session, access, "pair", new.id, act="propose")
        return new
    return None


def _as_of_today(session: Session, access: Access, pair: PairRecord, mentor_id: int) -> Pair | None:
    """Return the pair of a mentee with another mentor if the rules allow it today and the mentor has a place."""
    ids = [pair.mentee_id, mentor_id]
    if pair.kind == TEAM:
        ids = [person.id for person in team_mates(session, access.scopes, ids)]
    territory, rule = rules_of(pair)
    people = people_for(session, access.scopes, territory, rule, date.today(), ids=ids)
    rules = pair_rules(rule)
    mentee = next((one for one in people.mentees if one.key == key_of(pair.mentee_id)), None)
    mentor = next((one for one in people.mentors if one.key == key_of(mentor_id)), None)
    if mentee is None or mentor is None or not mentor_places(mentor, rules):
        return None
    ways = changes_by_hand(mentee, None, mentor, (), free=True, rules=rules, neighbours=territory.neighbours)
    return ways[0].pairs[0] if ways and not ways[0].lifted else None


def rules_of(pair: PairRecord) -> tuple[Territory, MentoringRule]:
    """Return the territory of a pair with its rule for the kind."""
    found = rule_of(pair.territory, pair.kind)
    if found is None:
        raise Conflict("Пар этого вида на территории больше нет.")
    return found
