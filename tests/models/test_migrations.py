"""The migrations lead to the schema that the records declare, on both kinds of database."""

from sqlalchemy import inspect

from models import migrations
from models.session import Engine, Session
from models.territories import territory_codes_in_use


def test_head_file_names_the_newest_revision() -> None:
    assert migrations.HEAD.read_text().strip() == migrations.head()


def test_revisions_are_numbered_without_gaps() -> None:
    names = sorted(path.name[:4] for path in (migrations.FOLDER / "versions").glob("*.py"))
    assert names == [f"{number:04d}" for number in range(1, len(names) + 1)]


def test_migrated_schema_is_what_the_records_declare(engine: Engine) -> None:
    assert migrations.differences(engine) == []


def test_every_foreign_key_of_the_records_is_in_the_migrated_schema(engine: Engine) -> None:
    inspector = inspect(engine)
    for table in migrations.metadata().tables.values():
        found = {
            (tuple(key["constrained_columns"]), key["referred_table"]) for key in inspector.get_foreign_keys(table.name)
        }
        declared = {
            (tuple(column.name for column in key.columns), key.referred_table.name)
            for key in table.foreign_key_constraints
        }
        assert found == declared


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    assert migrations.current(engine) == migrations.head()
    migrations.upgrade(engine)
    assert migrations.current(engine) == migrations.head()


def test_a_new_database_knows_the_territories(session: Session) -> None:
    assert "kamchatka" in territory_codes_in_use(session)
