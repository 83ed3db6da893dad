"""The pages of mediation beside each other, each for the roles that have something to do there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from mediation import overview, payments
from mediation.registers import READERS
from mediation.views.papers import EDITORS


@dataclass(frozen=True, slots=True)
class Tab:
    """A page: its name among the tabs, its words, its address; `roles`: whose, nobody named is everybody."""

    name: str
    label: Promise
    url_name: str
    roles: frozenset[Role] | None = None


TABS: Final = (
    Tab("todo", _("等我办理"), "mediation:todo", payments.READERS),
    Tab("overview", _("三级总览"), "mediation:overview", overview.WATCHERS),
    Tab("list", _("纠纷列表"), "mediation:list"),
    Tab("calendar", _("调解日历"), "mediation:calendar"),
    Tab("figures", _("调解统计"), "mediation:figures"),
    Tab("subsidies", _("案补"), "mediation:subsidies", payments.READERS),
    Tab("committees", _("调解组织"), "mediation:committees", frozenset(READERS)),
    Tab("experts", _("调解专家"), "mediation:experts", frozenset(READERS)),
    Tab("templates", _("文书模板"), "mediation:templates", frozenset(EDITORS)),
)


def tabs_for(role: str) -> list[Tab]:
    """The tabs of a role."""
    return [tab for tab in TABS if tab.roles is None or role in tab.roles]
