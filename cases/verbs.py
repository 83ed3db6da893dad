"""Every verb that the record may hold, declared once by the app that writes it. An undeclared verb is an error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Verb:
    """One kind of entry.

    `handles`: whoever writes it has handled the matter, and so may not verify or archive it later.
    `inner`: not shown to a reporter who sees the case only as its reporter.
    `quiet`: written by the system; shown smaller.
    """

    code: str
    text: Promise
    handles: bool = False
    inner: bool = False
    quiet: bool = False


_VERBS: dict[str, Verb] = {}


def register(verbs: Iterable[Verb]) -> None:
    """Declare verbs at start-up; raises ValueError when a code is declared twice."""
    for verb in verbs:
        if verb.code in _VERBS and _VERBS[verb.code] != verb:
            raise ValueError(f"verb {verb.code} declared twice")
        _VERBS[verb.code] = verb


def get(code: str) -> Verb:
    """The declared verb; raises KeyError for an undeclared one."""
    return _VERBS[code]


def known() -> list[Verb]:
    return list(_VERBS.values())


def handling_codes() -> list[str]:
    """Verbs whose authors count as handlers of the matter."""
    return [verb.code for verb in _VERBS.values() if verb.handles]


register(
    [
        Verb("deadline.reminded", _("时限将到，已提醒"), quiet=True, inner=True),
        Verb("deadline.missed", _("超过时限"), quiet=True),
        Verb("deadline.escalated", _("超期升级提醒"), quiet=True),
        Verb("deadline.recomputed", _("时限重新计算"), quiet=True, inner=True),
        Verb("personal.revealed", _("查看了完整的个人信息"), quiet=True, inner=True),
        Verb("personal.anonymised", _("个人信息保存期满，已匿名"), quiet=True),
        Verb("attachment.added", _("补充附件")),
        Verb("case.viewed", _("查看了敏感事项"), quiet=True, inner=True),
        Verb("case.printed", _("打印了材料"), quiet=True, inner=True),
    ]
)
