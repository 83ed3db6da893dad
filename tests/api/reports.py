"""Reports as programs send them."""

from __future__ import annotations

from typing import Any

from cases.models import Attachment, Case, CaseEvent
from tests.cast import Cast

FIELDS = [
    {"name": "depth", "label": "水深", "label_en": "Depth", "type": "number", "required": True, "unit": "cm"},
    {"name": "pumped", "label": "已抽水", "label_en": "Pumped", "type": "bool", "required": False},
    {"name": "seen_on", "label": "发现日", "label_en": "Seen on", "type": "date", "required": False},
    {"name": "note", "label": "备注", "label_en": "Note", "type": "text", "required": False},
    {
        "name": "road",
        "label": "道路",
        "label_en": "Road",
        "type": "choice",
        "required": False,
        "choices": [
            {"value": "main", "label": "主干道", "label_en": "Main road"},
            {"value": "lane", "label": "巷", "label_en": "Lane"},
        ],
    },
]


def body(cast: Cast, **more: Any) -> dict[str, Any]:
    return {"category": "1101", "title": "东路口垃圾成堆", "grid": cast.places.grid.code, **more}


def nothing_kept() -> bool:
    return not Case.objects.exists() and not CaseEvent.objects.exists() and not Attachment.objects.exists()
