"""The extra form fields of a small category, as its version stores them: a list of objects.

Each has `name`, `label`, `label_en`, `type`, `required`; `choices` when the type is choice; optionally
`unit` (with `unit_en` where the unit is a Chinese word) and `help` with `help_en`. No field asks for a
person: names and telephone numbers of reporters have their own, encrypted, place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

FIELD_TYPES = ("text", "number", "choice", "date", "bool")
_TEXTS = ("label", "label_en", "unit", "unit_en", "help", "help_en")
_KEYS = {"name", "type", "required", "choices", *_TEXTS}
_CHOICE_KEYS = {"value", "label", "label_en"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
_HAN = re.compile(r"[\u3400-\u9fff]")
MAX_FIELDS = 12
_MAX_TEXT, _MAX_CHOICE, _MIN_CHOICES = 120, 60, 2


class FieldSpecError(Exception):
    """The list is not a sound list of fields; `reasons` says why, in words."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__("; ".join(reasons))


@dataclass(frozen=True)
class Choice:
    """One answer of a field of the type choice."""

    value: str
    label: str
    label_en: str


@dataclass(frozen=True)
class FieldSpec:
    """One extra field of a category's form."""

    name: str
    label: str
    label_en: str
    type: str
    required: bool
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    unit_en: str = ""
    help: str = ""
    help_en: str = ""

    def as_json(self) -> dict[str, Any]:
        """The object that `read_fields` takes; absent parts are left out."""
        data: dict[str, Any] = {
            "name": self.name,
            "label": self.label,
            "label_en": self.label_en,
            "type": self.type,
            "required": self.required,
        }
        if self.choices:
            data["choices"] = [vars(choice) for choice in self.choices]
        extra = ("unit", "unit_en", "help", "help_en")
        return data | {key: getattr(self, key) for key in extra if getattr(self, key)}


def read_fields(data: object) -> tuple[FieldSpec, ...]:
    """Check a decoded JSON list and give its fields; raises FieldSpecError with every reason at once."""
    if not isinstance(data, list):
        raise FieldSpecError([_("应当是一个列表")])
    reasons: list[str] = []
    if len(data) > MAX_FIELDS:
        reasons.append(_("最多 %(max)s 项") % {"max": MAX_FIELDS})
    for number, item in enumerate(data, 1):
        reasons += [
            _("第 %(number)s 项：%(reason)s") % {"number": number, "reason": r} for _key, r in faults_in(item)
        ]
    names = [item.get("name") for item in data if isinstance(item, dict)]
    if len({str(name) for name in names}) < len(names):
        reasons.append(_("两项用了同一个名称"))
    if reasons:
        raise FieldSpecError(reasons)
    return tuple(_field(item) for item in data)


def _field(item: dict[str, Any]) -> FieldSpec:
    choices = tuple(Choice(**choice) for choice in item.get("choices", ()))
    return FieldSpec(**{**item, "choices": choices})


def faults_in(item: object) -> list[tuple[str, str]]:
    """What is wrong with one field of the list: (key, reason); the key is empty where it concerns the whole."""
    if not isinstance(item, dict):
        return [("", _("应当是一个对象"))]
    faults = [("", _("不认识“%(key)s”") % {"key": key}) for key in sorted(set(map(str, item)) - _KEYS)]
    if not (isinstance(item.get("name"), str) and _NAME.fullmatch(item["name"])):
        faults.append(("name", _("名称只能用小写字母、数字和下划线，并以字母开头")))
    if item.get("type") not in FIELD_TYPES:
        faults.append(("type", _("没有“%(type)s”这种类型") % {"type": item.get("type")}))
    if not isinstance(item.get("required"), bool):
        faults.append(("required", _("是否必填要写 true 或 false")))
    faults += _label_faults(item)
    faults += [("choices", reason) for reason in _choice_faults(item)]
    return faults


def _label_faults(item: dict[str, Any]) -> list[tuple[str, str]]:
    texts = {key: item[key] for key in _TEXTS if key in item}
    wrong = [key for key, text in texts.items() if not (isinstance(text, str) and len(text) <= _MAX_TEXT)]
    if wrong:
        return [(key, _("文字应在 %(max)s 字以内") % {"max": _MAX_TEXT}) for key in wrong]
    faults = []
    if not texts.get("label"):
        faults.append(("label", _("缺少中文标签")))
    if not _english(texts.get("label_en", "")):
        faults.append(("label_en", _("缺少英文标签")))
    if texts.get("help") and not _english(texts.get("help_en", "")):
        faults.append(("help_en", _("缺少英文说明")))
    if _HAN.search(texts.get("unit", "")) and not _english(texts.get("unit_en", "")):
        faults.append(("unit_en", _("缺少英文单位")))
    return faults


def _english(text: str) -> bool:
    return bool(text.strip()) and not _HAN.search(text)


def _choice_faults(item: dict[str, Any]) -> list[str]:
    choices = item.get("choices", [])
    if item.get("type") != "choice":
        return [_("只有选择项才列选项")] if choices else []
    if not isinstance(choices, list) or len(choices) < _MIN_CHOICES:
        return [_("选择项至少要有两个选项")]
    if not all(_sound_choice(choice) for choice in choices):
        return [_("每个选项要有 value、label 和英文 label_en")]
    if len({choice["value"] for choice in choices}) < len(choices):
        return [_("两个选项用了同一个 value")]
    return []


def _sound_choice(choice: object) -> bool:
    return (
        isinstance(choice, dict)
        and set(choice) == _CHOICE_KEYS
        and all(
            isinstance(text, str) and text.strip() and len(text) <= _MAX_CHOICE for text in choice.values()
        )
        and bool(_NAME.fullmatch(choice["value"]))
        and not _HAN.search(choice["label_en"])
    )
