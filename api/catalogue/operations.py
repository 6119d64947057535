"""Verbs of the catalogue and of the reference data behind it."""

from data.reference.loading import load_framework, load_territory, territory_codes
from models.session import Session
from models.territories import sync_competencies, sync_territories


def sync_reference(session: Session) -> None:
    """Bring territories and competencies of the database to the state of the YAML files."""
    codes = territory_codes()
    sync_territories(session, codes)
    for code in codes:
        sync_competencies(session, code, load_framework(load_territory(code).framework))
