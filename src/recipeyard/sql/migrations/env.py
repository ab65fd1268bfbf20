"""Run by Alembic: takes the connection that `sql.schema` hands over."""

from alembic import context

from recipeyard.sql import runtime_tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=runtime_tables.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    include_name=lambda name, kind, _: kind != "table" or name in runtime_tables.metadata.tables,
)
with context.begin_transaction():
    context.run_migrations()
