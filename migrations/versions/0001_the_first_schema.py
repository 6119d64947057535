"""The first schema"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels: Any = None
depends_on: Any = None


def upgrade() -> None:
    op.create_table('sign_in_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('login', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_attempt'))
    )
    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_attempt_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_sign_in_attempt_login'), ['login'], unique=False)

    op.create_table('territory',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('catalogue_version', sa.Integer(), nullable=False),
    sa.Column('people_version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_territory'))
    )
    op.create_table('activity',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('territory', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('provider', sa.String(), nullable=False),
    sa.Column('provider_kind', sa.String(), nullable=False),
    sa.Column('hours', sa.Double(), nullable=True),
    sa.Column('format', sa.String(), nullable=False),
    sa.Column('network', sa.Boolean(), nullable=False),
    sa.Column('registers', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('register_number', sa.String(), nullable=False),
    sa.Column('register_until', sa.Date(), nullable=True),
    sa.Column('subjects', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('audience', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('develops', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('proposed', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('requires', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('municipality', sa.String(), nullable=False),
    sa.Column('annotation', sa.String(), nullable=False),
    sa.Column('link', sa.String(), nullable=False),
    sa.Column('search_key', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['territory'], ['territory.code'], name=op.f('fk_activity_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_activity')),
    sa.UniqueConstraint('territory', 'code', name=op.f('uq_activity_territory_code'))
    )
    op.create_table('competency',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('territory', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('area', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('framework', sa.String(), nullable=False),
    sa.Column('framework_version', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['territory'], ['territory.code'], name=op.f('fk_competency_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_competency')),
    sa.UniqueConstraint('territory', 'code', name=op.f('uq_competency_territory_code'))
    )
    with op.batch_alter_table('competency', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_competency_territory'), ['territory'], unique=False)

    op.create_table('person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('territory', sa.String(), nullable=False),
    sa.Column('external_id', sa.String(), nullable=True),
    sa.Column('full_name', sa.String(), nullable=False),
    sa.Column('name_key', sa.String(), nullable=False),
    sa.Column('birth_date', sa.Date(), nullable=True),
    sa.Column('birth_year', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('position', sa.String(), nullable=False),
    sa.Column('subjects', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('organisation', sa.String(), nullable=False),
    sa.Column('organisation_key', sa.String(), nullable=False),
    sa.Column('municipality', sa.String(), nullable=False),
    sa.Column('work_started', sa.Date(), nullable=True),
    sa.Column('experience_years', sa.Double(), nullable=True),
    sa.Column('experience_on', sa.Date(), nullable=True),
    sa.Column('qualification', sa.String(), nullable=False),
    sa.Column('search_key', sa.String(), nullable=False),
    sa.Column('tutor_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['territory'], ['territory.code'], name=op.f('fk_person_territory')),
    sa.ForeignKeyConstraint(['tutor_id'], ['account.id'], name=op.f('fk_person_tutor_id'), ondelete='SET NULL', use_alter=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('territory', 'external_id', name=op.f('uq_person_territory_external_id'))
    )
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_person_territory_municipality_organisation_key'), ['territory', 'municipality', 'organisation_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_person_territory_name_key_organisation_key'), ['territory', 'name_key', 'organisation_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_person_tutor_id'), ['tutor_id'], unique=False)

    op.create_table('account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('login', sa.String(), nullable=False),
    sa.Column('password_hash', sa.String(), nullable=False),
    sa.Column('display_name', sa.String(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('demo_password', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_account_person_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('login', name=op.f('uq_account_login'))
    )
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_person_id'), ['person_id'], unique=False)

    # Person and account point to each other: SQLite takes the key with its table, the others once both are there.
    if op.get_bind().dialect.name != 'sqlite':
        op.create_foreign_key(op.f('fk_person_tutor_id'), 'person', 'account', ['tutor_id'], ['id'], ondelete='SET NULL')
    op.create_table('declined_activity',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('activity', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('declined_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_declined_activity_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_declined_activity')),
    sa.UniqueConstraint('person_id', 'activity', name=op.f('uq_declined_activity_person_id_activity'))
    )
    op.create_table('delivery',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('activity_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('starts', sa.Date(), nullable=True),
    sa.Column('ends', sa.Date(), nullable=True),
    sa.Column('places', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_delivery_activity_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('activity_id', 'position', name=op.f('uq_delivery_activity_id_position'))
    )
    op.create_table('diagnostic_result',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('competency', sa.String(), nullable=False),
    sa.Column('taken_on', sa.Date(), nullable=False),
    sa.Column('stage', sa.String(), nullable=False),
    sa.Column('form', sa.String(), nullable=False),
    sa.Column('percent', sa.Double(), nullable=False),
    sa.Column('score', sa.Double(), nullable=True),
    sa.Column('maximum', sa.Double(), nullable=True),
    sa.Column('source', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_diagnostic_result_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_diagnostic_result')),
    sa.UniqueConstraint('person_id', 'competency', 'taken_on', 'stage', 'form', name=op.f('uq_diagnostic_result_person_id_competency_taken_on_stage_form'))
    )
    op.create_table('route',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('current', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('run', sa.Integer(), nullable=True),
    sa.Column('value', sa.Double(), nullable=False),
    sa.Column('bound', sa.Double(), nullable=False),
    sa.Column('hours', sa.Double(), nullable=False),
    sa.Column('closed', sa.Double(), nullable=False),
    sa.Column('deficits', sa.Integer(), nullable=False),
    sa.Column('heaviest', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('answer', sa.JSON(none_as_null=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_route_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_route'))
    )
    with op.batch_alter_table('route', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_route_person_id_created_at'), ['person_id', 'created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_route_run'), ['run'], unique=False)
        batch_op.create_index('uq_route_current', ['person_id'], unique=True, sqlite_where=sa.text('current'), postgresql_where=sa.text('current'))

    op.create_table('job',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('arguments', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('territory', sa.String(), nullable=True),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('beat_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('result', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('error', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_job_account_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['territory'], ['territory.code'], name=op.f('fk_job_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_job_state'), ['state'], unique=False)

    op.create_table('journal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=True),
    sa.Column('details', sa.JSON(none_as_null=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_journal_account_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal'))
    )
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_journal_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_journal_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_journal_subject_subject_id'), ['subject', 'subject_id'], unique=False)

    op.create_table('role_grant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('territory', sa.String(), nullable=False),
    sa.Column('municipality', sa.String(), nullable=False),
    sa.Column('organisation_key', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_role_grant_account_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['territory'], ['territory.code'], name=op.f('fk_role_grant_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_grant'))
    )
    with op.batch_alter_table('role_grant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_role_grant_account_id'), ['account_id'], unique=False)

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
    sa.Column('answer', sa.JSON(none_as_null=True), nullable=False),
    sa.ForeignKeyConstraint(['route_id'], ['route.id'], name=op.f('fk_route_step_route_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_route_step')),
    sa.UniqueConstraint('route_id', 'position', name=op.f('uq_route_step_route_id_position'))
    )
    op.create_table('sign_in',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_sign_in_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sign_in_token_hash'))
    )
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_account_id'), ['account_id'], unique=False)

    op.create_table('import_batch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('territory', sa.String(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('table_name', sa.String(), nullable=False),
    sa.Column('sheet', sa.String(), nullable=True),
    sa.Column('file_name', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('mapping', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('summary', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('rejected', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_import_batch_account_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_import_batch_job_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['territory'], ['territory.code'], name=op.f('fk_import_batch_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_batch'))
    )
    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_import_batch_digest'), ['digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_import_batch_territory'), ['territory'], unique=False)

    op.create_table('import_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('table_name', sa.String(), nullable=False),
    sa.Column('row_id', sa.Integer(), nullable=False),
    sa.Column('before', sa.JSON(none_as_null=True), nullable=True),
    sa.ForeignKeyConstraint(['import_id'], ['import_batch.id'], name=op.f('fk_import_change_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_change'))
    )
    with op.batch_alter_table('import_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_import_change_import_id'), ['import_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_import_change_table_name_row_id'), ['table_name', 'row_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('import_change', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_import_change_table_name_row_id'))
        batch_op.drop_index(batch_op.f('ix_import_change_import_id'))

    op.drop_table('import_change')
    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_import_batch_territory'))
        batch_op.drop_index(batch_op.f('ix_import_batch_digest'))

    op.drop_table('import_batch')
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_account_id'))

    op.drop_table('sign_in')
    op.drop_table('route_step')
    with op.batch_alter_table('role_grant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_role_grant_account_id'))

    op.drop_table('role_grant')
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_journal_subject_subject_id'))
        batch_op.drop_index(batch_op.f('ix_journal_at'))
        batch_op.drop_index(batch_op.f('ix_journal_account_id'))

    op.drop_table('journal')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_job_state'))

    op.drop_table('job')
    with op.batch_alter_table('route', schema=None) as batch_op:
        batch_op.drop_index('uq_route_current', sqlite_where=sa.text('current'), postgresql_where=sa.text('current'))
        batch_op.drop_index(batch_op.f('ix_route_run'))
        batch_op.drop_index(batch_op.f('ix_route_person_id_created_at'))

    op.drop_table('route')
    op.drop_table('diagnostic_result')
    op.drop_table('delivery')
    op.drop_table('declined_activity')
    if op.get_bind().dialect.name != 'sqlite':
        op.drop_constraint(op.f('fk_person_tutor_id'), 'person', type_='foreignkey')
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_account_person_id'))

    op.drop_table('account')
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_person_tutor_id'))
        batch_op.drop_index(batch_op.f('ix_person_territory_name_key_organisation_key'))
        batch_op.drop_index(batch_op.f('ix_person_territory_municipality_organisation_key'))

    op.drop_table('person')
    with op.batch_alter_table('competency', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_competency_territory'))

    op.drop_table('competency')
    op.drop_table('activity')
    op.drop_table('territory')
    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_attempt_login'))
        batch_op.drop_index(batch_op.f('ix_sign_in_attempt_at'))

    op.drop_table('sign_in_attempt')
