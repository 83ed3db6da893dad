"""Checks at start: a workflow table with a dead end, an unknown name or a missing word does not start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register

from cases import personal, policies, typesetting, verbs, workflow
from cases.tables import RESUME, SAME, Transition, Workflow


@register()
def check_workflows(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Every registered table is whole (ids gezhi.E001 to E006)."""
    return [error for table in workflow.registered() for error in problems(table)]


@register()
def check_field_keys(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Personal values can be encrypted and read (id gezhi.E007)."""
    try:
        personal.cipher()
    except ValueError as error:
        hint = "Keys of Fernet.generate_key(), the newest first, with commas between."
        return [Error(f"GEZHI_FIELD_KEYS holds no usable key: {error}", hint=hint, id="gezhi.E007")]
    return []


@register()
def check_fonts(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """The fonts of papers are there (id gezhi.E008)."""
    try:
        typesetting.font_folders()
    except typesetting.TypesettingFailed as error:
        return [Error(str(error), hint="Papers are set with these fonts and no others.", id="gezhi.E008")]
    return []


def problems(table: Workflow) -> Iterator[CheckMessage]:
    """What is wrong with a table, row by row, then as a graph."""
    seen: set[tuple[str, str]] = set()
    for row in table.rows:
        for state in row.sources:
            if (state, row.action) in seen:
                yield _error(table, f"two rows for {row.action} in {state}", "E001")
            seen.add((state, row.action))
        yield from _unknown_names(table, row)
    yield from _graph(table)


def _unknown_names(table: Workflow, row: Transition) -> Iterator[CheckMessage]:
    known_verbs = {verb.code for verb in verbs.known()}
    named = {
        "state": (set(row.sources) | ({row.target} - {SAME, RESUME}), set(table.states)),
        "guard": (set(row.guards), set(table.guards)),
        "effect": ({row.effect} - {""}, set(table.effects)),
        "audience": (set(row.tells), set(table.audiences)),
        "duty": (set(row.meets) | set(row.cancels) | set(row.starts), set(table.duties)),
        "stance": (set(row.stances), {*policies.STANCES, *(table.sub.stance_names if table.sub else ())}),
        "verb": ({row.verb}, known_verbs),
    }
    for what, (used, known) in named.items():
        for name in sorted(used - known):
            yield _error(table, f"{row.action}: unknown {what} {name}", "E002")
    if not row.system and not (row.roles and row.stances):
        yield _error(table, f"{row.action}: nobody may do it", "E003")


def _graph(table: Workflow) -> Iterator[CheckMessage]:
    targets = {row.target for row in table.rows} - {SAME, RESUME}
    for state in sorted(set(table.states) - targets - {table.initial}):
        yield _error(table, f"state {state} is never reached", "E004")
    for state in sorted(set(table.states) - table.finals):
        if not any(state in row.sources and row.target != SAME for row in table.rows):
            yield _error(table, f"state {state} has no way out", "E005")


def _error(table: Workflow, message: str, code: str) -> Error:
    return Error(f"{table.kind}: {message}", hint="See the workflow table of this kind.", id=f"gezhi.{code}")
