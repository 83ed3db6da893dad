"""Who the parties are, in full, under the names of their sides: for a page that asked for a reason."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from cases.casefile import Line
from cases.models import Case
from mediation.choices import Side
from mediation.models import Party, Representative
from mediation.parties import field_of


def lines_of(case: Case, shown: Mapping[str, str]) -> list[tuple[str, list[Line]]]:
    """Each party, then who speaks for it, with what is known of them; `shown` is what `personal.reveal` gave."""
    labels = {"name": _("姓名或名称"), "id_number": _("证件号"), "phone": _("电话"), "address": _("住址")}
    found = []
    for party in Party.objects.filter(case=case).prefetch_related("representatives"):
        side = str(Side(party.side).label)
        people: list[tuple[str, Party | Representative]] = [(side, party)]
        people += [(_("%(side)s的代理人") % {"side": side}, rep) for rep in party.representatives.all()]
        for title, row in people:
            lines = [Line(label, shown.get(field_of(row, name), "")) for name, label in labels.items()]
            found.append((title, [line for line in lines if line.value]))
    return found
