"""Names and clauses one after another, with the signs of the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _


def listed(names: Iterable[object]) -> str:
    """Names in a row: 甲、乙、丙, or a, b, c."""
    return _("、").join(map(str, names))


def clauses(parts: Iterable[object]) -> str:
    """Parts of one sentence: 甲，乙, or a, b."""
    return _("，").join(map(str, parts))


def sentences(parts: Iterable[object]) -> str:
    """Messages in a row: 甲；乙, or a; b."""
    return _("；").join(map(str, parts))
