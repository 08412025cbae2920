"""Alembic's entry: works on the connection that `storage.migrate` hands over."""

from typing import Any

from alembic import context

from storage.schema import metadata


def _render(kind: str, item: Any, _context: Any) -> Any:
    """Column types as plain SQLAlchemy: a migration must not change when schema.py does."""
    if kind == "type" and type(item).__name__ == "UtcTime":
        return "sa.BigInteger()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=_render,
    compare_type=False,
)
with context.begin_transaction():
    context.run_migrations()
