"""Form controls that only incidents need."""

from __future__ import annotations

from typing import Any

from django import forms

SHOWN = 3


class TasksInput(forms.Widget):
    """The tasks of a split: rows of a department and what it is to do. Empty rows are left out.

    Its value is a list of {"department", "task"}; a program sends the same list, or lines of "id: task".
    """

    template_name = "components/widgets/tasks.html"

    def __init__(
        self, *, choices: list[tuple[str, str]], most: int, attrs: dict[str, Any] | None = None
    ) -> None:
        super().__init__(attrs)
        self.choices, self.most = choices, most

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
        rows += [{"department": "", "task": ""}] * max(0, SHOWN - len(rows))
        context["widget"] |= {"rows": rows, "choices": self.choices, "most": self.most}
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        if not hasattr(data, "getlist") or f"{name}_department" not in data:
            return data.get(name)
        pairs = zip(data.getlist(f"{name}_department"), data.getlist(f"{name}_task"), strict=False)
        return [{"department": a, "task": b} for a, b in pairs if a or b.strip()]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_department_0" if id_ else ""
