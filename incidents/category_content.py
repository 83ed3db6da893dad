"""What a version of a small category says: taken from one, and checked as a whole before a new one is made.

The rules are those of the catalogue's files (`category_rules`, `catalogue.faults_in_times`, `fieldspec`); errors
bear the same names as the files' columns, which are also the names of the form's fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.errors import Incomplete
from grids import clock
from grids.calendars import Allowance, Unit
from grids.models import Department, DepartmentKind
from incidents import category_rules as rules
from incidents.catalogue import DUTIES, Times, faults_in_times
from incidents.fieldspec import FieldSpecError, read_fields
from incidents.models import CategoryVersion

Content = dict[str, Any]
Errors = dict[str, list[str]]

# The columns of CategoryVersion that make up what it says.
KEYS: Final = (
    "in_use", "name", "name_en", "source", "filing_level", "department_kind_id", "department_level", "sensitive",
    "visible_roles", "filing_conditions", "closing_conditions", "times", "fields",
)  # fmt: skip
URGENCIES: Final = {"normal": "n_", "urgent": "u_"}
MOST: Final = 999_999


def content_of(version: CategoryVersion) -> Content:
    """All that a version says, by the names of its columns."""
    return {key: getattr(version, key) for key in KEYS}


def changed_keys(old: Content, new: Content) -> list[str]:
    """The columns in which two contents differ; the order of roles and of an object's keys counts for nothing."""
    return [key for key in KEYS if _comparable(key, old[key]) != _comparable(key, new[key])]


def _comparable(key: str, value: Any) -> Any:
    return sorted(value) if key == "visible_roles" else value


def check(content: Content) -> None:
    """Raises Incomplete with every fault by its column: `n_handle`, `u_whole`, `department_kind`, `fields` ..."""
    errors: Errors = {}
    _check_words(content, errors)
    _check_department(content, errors)
    _note(errors, "filing_level", rules.fault_in_choice(content["filing_level"], rules.FILING_ROLES))
    roles = content["visible_roles"]
    _note(errors, "visible_roles", rules.faults_in_choices(roles, rules.known_roles()))
    _note(
        errors,
        "visible_roles",
        rules.faults_in_visible_roles(
            roles, sensitive=content["sensitive"], filing_level=content["filing_level"]
        ),
    )
    _check_times(content["times"], errors)
    _check_fields(content["fields"], errors)
    if errors:
        raise Incomplete(_("有内容需要补充或改正。"), errors=errors)


def _note(errors: Errors, name: str, faults: list[str]) -> None:
    if faults:
        errors.setdefault(name, []).extend(faults)


def _check_words(content: Content, errors: Errors) -> None:
    for name, limit in rules.LIMITS.items():
        _note(errors, name, rules.faults_in_text(content[name], limit, required=name != "name_en"))
    _note(errors, "name_en", rules.faults_in_english_name(content["name_en"]))


def _check_department(content: Content, errors: Errors) -> None:
    code, level = content["department_kind_id"], content["department_level"]
    known = bool(code) and DepartmentKind.objects.filter(pk=code).exists()
    if not known:
        _note(errors, "department_kind", rules.fault_in_choice(code or "", ()))
    _note(errors, "department_level", rules.fault_in_choice(level, rules.DEPARTMENT_LEVELS))
    levels = levels_with_office(code) if known else set()
    # A kind none of whose offices has been entered yet is left alone: the catalogue comes before the offices.
    if levels and "department_level" not in errors:
        _note(errors, "department_level", rules.fault_in_department_level(level, levels))


def levels_with_office(kind: str) -> set[str]:
    """The levels of division at which an office of this kind exists today."""
    today = clock.today()
    found = Department.objects.filter(Q(kind=kind)).valid_on(today)
    return set(found.values_list("division__level", flat=True))


def _check_times(times: Mapping[str, Any], errors: Errors) -> None:
    read: dict[str, Times] = {}
    for urgency, prefix in URGENCIES.items():
        found = {duty: allowance_of(times.get(urgency, {}).get(duty)) for duty in DUTIES}
        for duty, allowance in found.items():
            if allowance is None:
                _note(errors, f"{prefix}{duty}", [_("请填 1 到 %(most)s 的整数和单位。") % {"most": MOST}])
        if None not in found.values():
            read[urgency] = Times(**found)  # type: ignore[arg-type]  # None was just ruled out
    if len(read) == len(URGENCIES):
        for name, reason in faults_in_times(read["normal"], read["urgent"]):
            _note(errors, name, [reason])


def allowance_of(stored: Any) -> Allowance | None:
    """The allowance that [amount, unit] stands for; None when it stands for none."""
    try:
        amount, unit = stored
        sound = isinstance(amount, int) and not isinstance(amount, bool) and 0 < amount <= MOST
        return Allowance(amount, Unit(unit)) if sound else None
    except (TypeError, ValueError):
        return None


def _check_fields(fields: Any, errors: Errors) -> None:
    try:
        read_fields(fields)
    except FieldSpecError as error:
        _note(errors, "fields", error.reasons)
