"""manage.py draw_workflow: write the diagrams and lists of moves of every kind of case from the tables themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from cases import policies, workflow
from cases.tables import RESUME, SAME, Transition, Workflow

# A kind's file, its heading and its tables: the case's own first, then those of its rows.
PAGES = {
    "workflow.md": ("The six-step loop", ("incident",)),
    "workflow-mediation.md": (
        "Mediation",
        ("mediation", "party", "attempt", "session", "promise", "confirmation", "subsidy"),
    ),
    "workflow-whistle.md": ("Whistle and report", ("whistle", "summons", "task", "negative_entry")),
}
HEADER = """# {title}

Made from the tables by `manage.py draw_workflow`; a test compares. Moves that leave the state as it is are only listed.
"""


def _target(row: Transition) -> str:
    return {SAME: "(same)", RESUME: "(as before)"}.get(row.target, row.target)


def diagram(table: Workflow) -> str:
    """The states and the moves between them, for Mermaid."""
    lines = ["stateDiagram-v2", f"    [*] --> {table.initial}"]
    lines += [f"    {state}: {label} {state}" for state, label in table.states.items()]
    for row in table.rows:
        if row.target == SAME:
            continue
        for source in row.sources:
            target = "investigating" if row.target == RESUME else row.target
            lines.append(f"    {source} --> {target}: {row.label}")
    return "\n".join([*lines, *(f"    {state} --> [*]" for state in sorted(table.finals))])


def listing(table: Workflow) -> str:
    """Every row: action, from, to, who, what it needs, which duties it starts and meets."""
    head = "| action | 操作 | from | to | who | stands as | needs | starts | meets |\n|---|---|---|---|---|---|---|---|---|"
    names = policies.STANCES | dict(table.sub.stance_names if table.sub else {})
    rows = []
    for row in table.rows:
        who = ", ".join(role.value for role in row.roles) or "(system)"
        stands = ", ".join(str(names[name]) for name in row.stances)
        cells = (row.action, row.label, ", ".join(row.sources), _target(row), who, stands,
                 ", ".join(row.needs), ", ".join(row.starts), ", ".join(row.meets))  # fmt: skip
        rows.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join([head, *rows])


def text(page: str) -> str:
    """The whole page; a kind with rows has a part for each of its tables."""
    title, kinds = PAGES[page]
    parts = [HEADER.format(title=title)]
    with translation.override("zh-hans"):
        for kind in kinds:
            table = workflow.of(kind)
            heading = f"## {kind}\n\n" if len(kinds) > 1 else ""
            parts.append(f"{heading}```mermaid\n{diagram(table)}\n```\n\n{listing(table)}\n")
    return "\n".join(parts)


class Command(BaseCommand):
    help = "Write docs/workflow*.md from the workflow tables."

    def handle(self, *args: Any, **options: Any) -> None:
        for page in PAGES:
            path = Path(settings.BASE_DIR) / "docs" / page
            path.write_text(text(page), encoding="utf-8")
            self.stdout.write(str(path.relative_to(settings.BASE_DIR)))
