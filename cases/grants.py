"""What the role of web and worker may do in the database, in one table; everything else is the owner's."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

# Tables in which the app's role may do less than read, add, change and delete.
LIMITED: Final = {
    "cases_caseevent": "SELECT, INSERT",
    "accounts_adminevent": "SELECT, INSERT",
    "cases_eventtext": "SELECT, INSERT, UPDATE",  # UPDATE erases, and a trigger lets it do nothing else
    "cases_personalvalue": "SELECT, INSERT, UPDATE",
    "django_migrations": "SELECT",
}
APPEND_ONLY: Final = ("cases_caseevent", "accounts_adminevent")
ALL: Final = "SELECT, INSERT, UPDATE, DELETE"


def statements(role: str) -> list[str]:
    """The GRANTs for a role, to be run by the owner after every migration."""
    quoted = connection.ops.quote_name(role)
    lines = [
        f"GRANT USAGE ON SCHEMA public TO {quoted}",
        f"GRANT {ALL} ON ALL TABLES IN SCHEMA public TO {quoted}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quoted}",
    ]
    for table, rights in LIMITED.items():
        lines += [f"REVOKE ALL ON {table} FROM {quoted}", f"GRANT {rights} ON {table} TO {quoted}"]
    return lines


def apply(role: str) -> None:
    """Run the grants; the connection must be the owner's."""
    with connection.cursor() as cursor:
        for line in statements(role):
            cursor.execute(line)


def problems() -> list[str]:
    """What the connected role could do that web and worker must not be able to."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            return ["is a superuser"]
        cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user"
        )
        if cursor.fetchone()[0]:
            found.append("owns tables")
        for table in APPEND_ONLY:
            cursor.execute("SELECT has_table_privilege(%s, 'UPDATE, DELETE, TRUNCATE')", [table])
            if cursor.fetchone()[0]:
                found.append(f"may change or delete in {table}")
    return found


def refuse_wide_role() -> None:
    """Stop a web or worker process whose role could change the record; raises ImproperlyConfigured."""
    found = problems()
    if found:
        raise ImproperlyConfigured(
            f"The database role of web and worker {', '.join(found)}. Connect them as a role that owns nothing, "
            "run `manage.py apply_grants` as the owner, and set DATABASE_URL to that role."
        )
