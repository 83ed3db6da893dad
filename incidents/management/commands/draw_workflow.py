"""manage.py draw_workflow: write docs/workflow.md, the diagram and the list of moves, from the table itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from cases import policies
from cases.tables import RESUME, SAME, Transition
from incidents.workflow import FINALS, INITIAL, ROWS, STATES

HEADER = """# The six-step loop

Made from `incidents/workflow.py` by `manage.py draw_workflow`; a test compares. Moves that leave the state as it is are only listed.
"""


def _target(row: Transition) -> str:
    return {SAME: "(same)", RESUME: "(as before)"}.get(row.target, row.target)


def diagram() -> str:
    """The states and the moves between them, for Mermaid."""
    lines = ["stateDiagram-v2", f"    [*] --> {INITIAL}"]
    lines += [f"    {state}: {label} {state}" for state, label in STATES.items()]
    for row in ROWS:
        if row.target == SAME:
            continue
        for source in row.sources:
            target = "investigating" if row.target == RESUME else row.target
            lines.append(f"    {source} --> {target}: {row.label}")
    return "\n".join([*lines, *(f"    {state} --> [*]" for state in sorted(FINALS))])


def listing() -> str:
    """Every row: action, from, to, who, what it needs, which duties it starts and meets."""
    head = "| action | 操作 | from | to | who | stands as | needs | starts | meets |\n|---|---|---|---|---|---|---|---|---|"
    rows = []
    for row in ROWS:
        who = ", ".join(role.value for role in row.roles) or "(system)"
        stands = ", ".join(str(policies.STANCES[name]) for name in row.stances)
        cells = (row.action, row.label, ", ".join(row.sources), _target(row), who, stands,
                 ", ".join(row.needs), ", ".join(row.starts), ", ".join(row.meets))  # fmt: skip
        rows.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join([head, *rows])


def text() -> str:
    """The whole page."""
    with translation.override("zh-hans"):
        return f"{HEADER}\n```mermaid\n{diagram()}\n```\n\n{listing()}\n"


class Command(BaseCommand):
    help = "Write docs/workflow.md from the workflow table."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "workflow.md"
        path.write_text(text(), encoding="utf-8")
        self.stdout.write(str(path.relative_to(settings.BASE_DIR)))
