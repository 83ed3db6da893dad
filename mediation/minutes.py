"""What is being written down while people talk: kept every few seconds, so that a power cut loses nothing.

It is no entry of the record and binds nobody: what counts is what the mediator records when the meeting is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Post
from cases.errors import NotAllowed, WrongState
from cases.models import Case
from mediation import services
from mediation.models import Session

MOST: Final = {"held_from": 32, "held_until": 32, "record": 20_000, "outcome": 12}
MOST_GUESTS: Final = 100


def keep(case: Case, pk: int, given: Mapping[str, Any], present: list[str], known: int, *, by: Post) -> int:
    """Keep the draft of a meeting; returns its number, which the next one names as `known`.

    Raises NotAllowed for whoever does not mediate the dispute, WrongState when the meeting is recorded or cancelled,
    or somebody else has written since.
    """
    if not services.mediates(case, by):
        raise NotAllowed(_("只有承办的调解员能记录会议。"))
    with transaction.atomic():
        session = Session.objects.select_for_update().get(case=case, pk=pk)
        if session.state != "planned":
            raise WrongState(
                _("这次会议已经记录或者取消，没有再存草稿。"), state=session.state, code="session_over"
            )
        number = int(session.draft.get("number", 0))
        if number != known:
            raise WrongState(
                _("别人也在记这次会议，请先复制自己的记录，再刷新页面。"), state=session.state, code="quicker"
            )
        # A browser sends the ends of lines as two characters; the draft keeps what was typed.
        words = {name: str(given.get(name, "")).replace("\r\n", "\n")[:most] for name, most in MOST.items()}
        guests = [one for one in present[:MOST_GUESTS] if one.isascii() and one.isdigit()]
        session.draft = {**{k: v for k, v in words.items() if v}, "present": guests, "number": number + 1}
        session.save(update_fields=["draft"])
    return number + 1
