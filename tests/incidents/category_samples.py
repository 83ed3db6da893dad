"""A sound small category in force, and what a person types to change it."""

from __future__ import annotations

import copy
from typing import Any

from django.test import Client

from accounts.models import Post
from incidents import category_services as services
from incidents.category_content import Content
from incidents.models import Category, CategoryVersion
from tests.cases.conftest import TIMES, make_category
from tests.cast import Cast

POLE = {"name": "pole_no", "label": "灯杆编号", "label_en": "Pole number", "type": "text", "required": False}
SIDE = {
    "name": "side",
    "label": "哪一侧",
    "label_en": "Which side",
    "type": "choice",
    "required": True,
    "choices": [
        {"value": "left", "label": "左侧", "label_en": "Left"},
        {"value": "right", "label": "右侧", "label_en": "Right"},
    ],
}


def sound_category(code: str = "1104", **values: Any) -> Category:
    """In force, with everything that the rules ask for; the cast must be there."""
    given = {
        "department_kind_id": "urban_management",
        "department_level": "township",
        "filing_conditions": "垃圾在路面上",
        "closing_conditions": "已清理干净",
        "fields": [POLE],
    }
    return make_category(code, **(given | values))


def times(**normal: list[Any]) -> Content:
    """A change of usual times: `times(file=[30, "clock_minutes"])`."""
    changed = {"normal": copy.deepcopy(TIMES), "urgent": copy.deepcopy(TIMES)}
    changed["normal"] |= normal
    changed["urgent"] |= normal
    return {"times": changed}


def number_of(category: Category) -> int | None:
    current = services.in_force(category)
    return current.number if current else None


def proposed(
    cast: Cast, category: Category, changes: Content | None = None, by: Post | None = None
) -> CategoryVersion:
    """A proposal of the system administrator, by default for half an hour to file."""
    return services.propose(
        category,
        changes=changes or times(file=[30, "clock_minutes"]),
        reason="缩短立案时限",
        base=number_of(category),
        by=by or cast.sysadmin,
    )


def agreed(cast: Cast, category: Category, changes: Content | None = None) -> CategoryVersion:
    """A change in force."""
    return services.agree(proposed(cast, category, changes), by=cast.centre)


def new_content(**values: Any) -> Content:
    """All that a new category says."""
    content = {
        "name": "路灯不亮",
        "name_en": "Street lamp out",
        "source": "ours",
        "filing_level": "township",
        "department_kind_id": "urban_management",
        "department_level": "city",
        "sensitive": False,
        "visible_roles": [],
        "filing_conditions": "夜间不亮",
        "closing_conditions": "恢复照明",
        "fields": [],
        **times(),
    }
    return content | values


def typed(client: Client, url: str) -> dict[str, Any]:
    """What the edit page would send if nothing were touched."""
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    editor = answer.context["editor"]
    sent: dict[str, Any] = {}
    for form in (editor.form, editor.rows.management_form, *editor.rows.forms):
        for bound in form:
            value = bound.value()
            if hasattr(bound.field.widget, "decompress"):
                parts = bound.field.widget.decompress(value)
                sent |= {f"{bound.html_name}_{n}": part for n, part in enumerate(parts)}
            elif value is not None and value is not False:
                sent[bound.html_name] = getattr(value, "pk", value)
    return sent
