"""What other kinds take over from a dispute: what it is about and where it stands, never what the parties said."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from cases import workflow
from cases.models import Case
from mediation import routing


def carried(case: Case) -> dict[str, Any]:
    """The first facts of a whistle that grows out of a dispute; who reads them is no party to its secrecy."""
    docket = routing.docket_of(case)
    tried = docket.attempts.count()
    said = _("%(kind)s（%(number)s），%(committee)s已调解%(n)s次，现在“%(state)s”。") % {
        "kind": case.mediation.get_kind_display(), "number": docket.number or case.number,
        "committee": docket.committee.name, "n": tried, "state": workflow.state_label(case),
    }  # fmt: skip
    return {"matter": said, "address": case.place.path, "kind": "dispute"}
