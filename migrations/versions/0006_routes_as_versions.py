"""Routes as versions

The three tables of routes are put aside, made anew and filled from what was put aside: SQLite can alter no table that
others refer to without emptying those.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels: Any = None
depends_on: Any = None

CHUNK = 500
NOTHING_ASKED = (
    '{"hours":null,"term_hours":null,"formats":null,"from":null,"to":null,"steps":null,'
    '"wishes":[],"fixed":[],"removed":[],"placed":[]}'
)
IN_FORCE = "v.route_id = r.id AND v.number = r.version"


def upgrade() -> None:
    _put_aside('route_edit', 'route_step', 'route')
    _create_new()
    # The first draft of a route that was edited is number 1 and was not kept; what was composed after the last edit,
    # by a batch or to take another edit back, is a version without one.
    op.execute("""
        INSERT INTO route (id, person_id, current, state, lock_version, version, created_at, value, bound, hours,
                           closed, deficits, heaviest)
        SELECT r.id, r.person_id, r.current, r.state, n.number, n.number, r.created_at, r.value, r.bound, r.hours,
               r.closed, r.deficits, r.heaviest
        FROM aside_route r JOIN (
            SELECT r.id, CASE WHEN e.edits IS NULL THEN 1 WHEN l.at = r.created_at THEN e.edits + 1
                              ELSE e.edits + 2 END AS number
            FROM aside_route r
            LEFT JOIN (SELECT route_id, count(*) AS edits, max(id) AS last FROM aside_route_edit GROUP BY route_id) e
                   ON e.route_id = r.id
            LEFT JOIN aside_route_edit l ON l.id = e.last
        ) n ON n.id = r.id
    """)
    # Of an earlier edit its answer is not known any more, only what it asked for.
    op.execute("""
        INSERT INTO route_version (route_id, number, lock_version, account_id, made_at, looked_at, edit, overrides,
                                   catalogue, framework, rules, ranker, scale, format)
        SELECT e.route_id, e.number, e.number, a.id, e.at, e.at, e.edit, e.asked, '', '', '', '', '', 0
        FROM (SELECT route_id, account_id, at, edit, asked,
                     row_number() OVER (PARTITION BY route_id ORDER BY id) + 1 AS number FROM aside_route_edit) e
        JOIN route r ON r.id = e.route_id AND e.number < r.version
        LEFT JOIN account a ON a.id = e.account_id
    """)
    _add_versions_in_force(op.get_bind())
    op.execute("""
        INSERT INTO route_step (id, route_id, activity, state)
        SELECT id, route_id, activity, CASE state WHEN 'planned' THEN 'proposed' ELSE state END FROM aside_route_step
    """)
    op.execute(f"""
        INSERT INTO route_seat (version_id, step_id, position, delivery, term, starts, ends, hours, answer)
        SELECT v.id, s.id, s.position, s.delivery, s.term, s.starts, s.ends, s.hours, s.answer
        FROM aside_route_step s JOIN route r ON r.id = s.route_id JOIN route_version v ON {IN_FORCE}
    """)
    _end('route', 'route_step')


def downgrade() -> None:
    _put_aside('route_event', 'route_deficit', 'route_seat', 'route_step', 'route_version', 'route')
    _create_old()
    op.execute(f"""
        INSERT INTO route (id, person_id, current, state, created_at, run, value, bound, hours, closed, deficits,
                           heaviest, answer)
        SELECT r.id, r.person_id, r.current, r.state, r.created_at, v.run, r.value, r.bound, r.hours, r.closed,
               r.deficits, r.heaviest, v.answer
        FROM aside_route r JOIN aside_route_version v ON {IN_FORCE}
    """)
    op.execute(f"""
        INSERT INTO route_step (id, route_id, position, activity, delivery, term, starts, ends, hours, state, answer)
        SELECT s.id, s.route_id, p.position, s.activity, p.delivery, p.term, p.starts, p.ends, p.hours,
               CASE s.state WHEN 'proposed' THEN 'planned' ELSE s.state END, p.answer
        FROM aside_route_seat p JOIN aside_route_step s ON s.id = p.step_id
        JOIN aside_route r ON r.id = s.route_id JOIN aside_route_version v ON v.id = p.version_id AND {IN_FORCE}
    """)
    op.execute(f"""
        INSERT INTO route_edit (route_id, at, account_id, edit, asked)
        SELECT route_id, made_at, account_id, edit, coalesce(overrides, '{NOTHING_ASKED}')
        FROM aside_route_version WHERE edit IS NOT NULL AND undone_at IS NULL ORDER BY route_id, number
    """.replace(':', '\\:'))
    _end('route', 'route_step')


def _put_aside(*tables: str) -> None:
    """Take tables away in this order; what they held stays in tables of its own until the migration is done."""
    for table in tables:
        op.execute(f'CREATE TABLE aside_{table} AS SELECT * FROM {table}')
        op.drop_table(table)
    op.execute('CREATE UNIQUE INDEX aside_route_id ON aside_route (id)')
    op.execute('CREATE INDEX aside_route_step_route_id ON aside_route_step (route_id)')


def _end(*numbered: str) -> None:
    """Remove what was put aside, and let PostgreSQL count on from the ids that were kept."""
    bind = op.get_bind()
    for table in sa.inspect(bind).get_table_names():
        if table.startswith('aside_'):
            op.drop_table(table)
    if bind.dialect.name == 'postgresql':
        for table in numbered:
            op.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false) FROM {table}"
            )


def _add_versions_in_force(bind: sa.Connection) -> None:
    version = sa.table('route_version', *(sa.column(name, kind) for name, kind in VERSION.items()))
    deficit = sa.table('route_deficit', *map(sa.column, DEFICIT))
    for rows in _old_routes(bind):
        bind.execute(sa.insert(version), [_version(row) for row in rows])
        deficits = [values for row in rows for values in _deficits(row)]
        ids = dict(bind.execute(sa.text(
            "SELECT v.route_id, v.id FROM route_version v JOIN route r ON v.route_id = r.id AND v.number = r.version "
            "WHERE r.id >= :first AND r.id <= :last"), {'first': rows[0]['id'], 'last': rows[-1]['id']}).all())
        if deficits:
            bind.execute(sa.insert(deficit), [
                {'version_id': ids[route_id], **values} for route_id, values in deficits
            ])


MOMENT, JSON = sa.DateTime(timezone=True), sa.JSON(none_as_null=True)
VERSION: Mapping[str, Any] = {
    **dict.fromkeys(('route_id', 'number', 'lock_version', 'account_id', 'run', 'format'), sa.Integer()),
    **dict.fromkeys(('made_at', 'looked_at'), MOMENT),
    **dict.fromkeys(('edit', 'overrides', 'answer'), JSON),
    **dict.fromkeys(('catalogue', 'framework', 'rules', 'ranker', 'scale'), sa.String()),
}
DEFICIT = ('version_id', 'competency', 'position', 'mastery', 'uncertainty', 'target', 'loss', 'state', 'closed_promised')


def _old_routes(bind: sa.Connection) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Yield the routes as they were, part by part, each with its number, last edit and the first look at it."""
    old = sa.table('aside_route', *(sa.column(name, kind) for name, kind in (
        ('id', sa.Integer()), ('person_id', sa.Integer()), ('run', sa.Integer()), ('created_at', MOMENT), ('answer', JSON)
    )))
    step = sa.table('aside_route_step', sa.column('route_id'), sa.column('position'), sa.column('answer', JSON))
    route = sa.table('route', sa.column('id'), sa.column('version'))
    edit = sa.table('aside_route_edit', *(sa.column(name, kind) for name, kind in (
        ('id', sa.Integer()), ('route_id', sa.Integer()), ('at', MOMENT), ('account_id', sa.Integer()),
        ('edit', JSON), ('asked', JSON)
    )))
    account = sa.table('account', sa.column('id'))
    journal = sa.table('journal', sa.column('at', MOMENT), *map(sa.column, ('subject', 'subject_id', 'action')))
    newest = sa.select(sa.func.max(edit.c.id)).where(edit.c.route_id == old.c.id).correlate(old).scalar_subquery()
    looked = sa.select(sa.func.min(journal.c.at)).where(
        journal.c.subject == 'person', journal.c.subject_id == old.c.person_id,
        journal.c.action.in_(('route.read', 'person.read')), journal.c.at >= old.c.created_at,
    ).correlate(old).scalar_subquery()
    query = (
        sa.select(old, route.c.version, edit.c.at, edit.c.edit, edit.c.asked, account.c.id.label('account_id'),
                  looked.label('looked_at'))
        .join(route, route.c.id == old.c.id)
        .outerjoin(edit, edit.c.id == newest)
        .outerjoin(account, account.c.id == edit.c.account_id)
        .order_by(old.c.id).limit(CHUNK)
    )
    last = 0
    while rows := [dict(row) for row in bind.execute(query.where(old.c.id > last)).mappings()]:
        last = rows[-1]['id']
        by_id = {row['id']: row for row in rows}
        steps = sa.select(step.c.route_id, step.c.answer).where(step.c.route_id.in_(list(by_id)))
        for row in rows:
            row['steps'] = []
        for route_id, told in bind.execute(steps.order_by(step.c.route_id, step.c.position)):
            by_id[route_id]['steps'].append(told)
        yield rows


def _version(row: Mapping[str, Any]) -> dict[str, Any]:
    edited = row['edit'] is not None and row['at'] == row['created_at']
    told = row['answer'].get('versions', {})
    return {
        'route_id': row['id'], 'number': row['version'], 'lock_version': row['version'],
        'account_id': row['account_id'] if edited else None, 'run': row['run'], 'format': 1,
        'made_at': row['created_at'], 'looked_at': row['looked_at'],
        'edit': row['edit'] if edited else None, 'overrides': row['asked'], 'answer': row['answer'],
        **{name: told.get(name, '') for name in ('catalogue', 'framework', 'rules', 'ranker', 'scale')},
    }


def _deficits(row: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the deficits of an answer, each with what the route was to close of it."""
    parts = (*row['answer']['route'].get('mentoring', ()), *row['steps'])
    closings = [closing for part in parts for closing in part['closes']]
    for place, one in enumerate(row['answer'].get('deficits', ())):
        code = one['competency']
        yield row['id'], {
            'competency': code, 'position': place, 'mastery': one['target'] - one['gap'],
            'uncertainty': one['uncertainty'], 'target': one['target'], 'loss': one['weight'] * one['gap'],
            'state': 'open', 'closed_promised': sum(c['share'] for c in closings if c['competency'] == code),
        }


def _create_new() -> None:
    op.create_table('route',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('current', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('lock_version', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', MOMENT, nullable=False),
    sa.Column('value', sa.Double(), nullable=False),
    sa.Column('bound', sa.Double(), nullable=False),
    sa.Column('hours', sa.Double(), nullable=False),
    sa.Column('closed', sa.Double(), nullable=False),
    sa.Column('deficits', sa.Integer(), nullable=False),
    sa.Column('heaviest', JSON, nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_route_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_route'))
    )
    _index_routes()
    op.create_table('route_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('route_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('lock_version', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('made_at', MOMENT, nullable=False),
    sa.Column('run', sa.Integer(), nullable=True),
    sa.Column('looked_at', MOMENT, nullable=True),
    sa.Column('undone_at', MOMENT, nullable=True),
    sa.Column('undoes', sa.Integer(), nullable=True),
    sa.Column('edit', JSON, nullable=True),
    sa.Column('overrides', JSON, nullable=True),
    sa.Column('catalogue', sa.String(), nullable=False),
    sa.Column('framework', sa.String(), nullable=False),
    sa.Column('rules', sa.String(), nullable=False),
    sa.Column('ranker', sa.String(), nullable=False),
    sa.Column('scale', sa.String(), nullable=False),
    sa.Column('format', sa.Integer(), nullable=False),
    sa.Column('answer', JSON, nullable=True),
    sa.CheckConstraint('(format = 0) = (answer IS NULL)', name=op.f('ck_route_version_answer')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_route_version_account_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['route_id'], ['route.id'], name=op.f('fk_route_version_route_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_route_version')),
    sa.UniqueConstraint('route_id', 'number', name=op.f('uq_route_version_route_id_number'))
    )
    with op.batch_alter_table('route_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_route_version_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_route_version_run'), ['run'], unique=False)

    op.create_table('route_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('route_id', sa.Integer(), nullable=False),
    sa.Column('activity', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['route_id'], ['route.id'], name=op.f('fk_route_step_route_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_route_step')),
    sa.UniqueConstraint('route_id', 'activity', name=op.f('uq_route_step_route_id_activity'))
    )
    op.create_table('route_seat',
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('step_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('delivery', sa.Integer(), nullable=False),
    sa.Column('term', sa.Integer(), nullable=False),
    sa.Column('starts', sa.Date(), nullable=False),
    sa.Column('ends', sa.Date(), nullable=False),
    sa.Column('hours', sa.Double(), nullable=False),
    sa.Column('answer', JSON, nullable=False),
    sa.ForeignKeyConstraint(['step_id'], ['route_step.id'], name=op.f('fk_route_seat_step_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['version_id'], ['route_version.id'], name=op.f('fk_route_seat_version_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('version_id', 'step_id', name=op.f('pk_route_seat'))
    )
    with op.batch_alter_table('route_seat', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_route_seat_step_id'), ['step_id'], unique=False)

    op.create_table('route_deficit',
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('competency', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('mastery', sa.Double(), nullable=False),
    sa.Column('uncertainty', sa.Double(), nullable=False),
    sa.Column('target', sa.Double(), nullable=False),
    sa.Column('below', sa.Double(), nullable=True),
    sa.Column('loss', sa.Double(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('closed_promised', sa.Double(), nullable=False),
    sa.Column('closed_confirmed', sa.Double(), nullable=True),
    sa.Column('closed_measured', sa.Double(), nullable=True),
    sa.ForeignKeyConstraint(['version_id'], ['route_version.id'], name=op.f('fk_route_deficit_version_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('version_id', 'competency', name=op.f('pk_route_deficit'))
    )
    op.create_table('route_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('route_id', sa.Integer(), nullable=False),
    sa.Column('step_id', sa.Integer(), nullable=True),
    sa.Column('lock_version', sa.Integer(), nullable=False),
    sa.Column('at', MOMENT, nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('before', sa.String(), nullable=True),
    sa.Column('after', sa.String(), nullable=False),
    sa.Column('comment', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_route_event_account_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['route_id'], ['route.id'], name=op.f('fk_route_event_route_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['step_id'], ['route_step.id'], name=op.f('fk_route_event_step_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_route_event'))
    )
    with op.batch_alter_table('route_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_route_event_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_route_event_route_id'), ['route_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_route_event_step_id'), ['step_id'], unique=False)


def _create_old() -> None:
    op.create_table('route',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('current', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('created_at', MOMENT, nullable=False),
    sa.Column('run', sa.Integer(), nullable=True),
    sa.Column('value', sa.Double(), nullable=False),
    sa.Column('bound', sa.Double(), nullable=False),
    sa.Column('hours', sa.Double(), nullable=False),
    sa.Column('closed', sa.Double(), nullable=False),
    sa.Column('deficits', sa.Integer(), nullable=False),
    sa.Column('heaviest', JSON, nullable=False),
    sa.Column('answer', JSON, nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_route_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_route'))
    )
    _index_routes()
    with op.batch_alter_table('route', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_route_run'), ['run'], unique=False)

    op.create_table('route_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('route_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('activity', sa.String(), nullable=False),
    sa.Column('delivery', sa.Integer(), nullable=False),
    sa.Column('term', sa.Integer(), nullable=False),
    sa.Column('starts', sa.Date(), nullable=False),
    sa.Column('ends', sa.Date(), nullable=False),
    sa.Column('hours', sa.Double(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('answer', JSON, nullable=False),
    sa.ForeignKeyConstraint(['route_id'], ['route.id'], name=op.f('fk_route_step_route_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_route_step')),
    sa.UniqueConstraint('route_id', 'position', name=op.f('uq_route_step_route_id_position'))
    )
    op.create_table('route_edit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('route_id', sa.Integer(), nullable=False),
    sa.Column('at', MOMENT, nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('edit', JSON, nullable=False),
    sa.Column('asked', JSON, nullable=False),
    sa.ForeignKeyConstraint(['route_id'], ['route.id'], name=op.f('fk_route_edit_route_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_route_edit'))
    )
    with op.batch_alter_table('route_edit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_route_edit_route_id'), ['route_id'], unique=False)


def _index_routes() -> None:
    with op.batch_alter_table('route', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_route_person_id_created_at'), ['person_id', 'created_at'], unique=False)
        batch_op.create_index('uq_route_current', ['person_id'], unique=True, sqlite_where=sa.text('current'), postgresql_where=sa.text('current'))
