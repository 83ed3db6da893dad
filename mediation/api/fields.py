"""The fields of an entry and of the actions: how each is sent, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cases import api_fields
from cases.api_body import Kind
from mediation.workflow import FACTS, MORE_FACTS, MORE_PARTY, PARTY

_IDS: Final = (
    "mediators",
    "parties",
    "consenting",
    "signers",
    "wishing",
    "staff",
    "experts",
    "invited",
    "present",
    "sides",
)
_NAMES: Final = ("routes", "advice", "members", "guests")
_ID: Final = ("mediator", "party", "party_of", "payee", "side", "keep_years")
_WHOLE: Final = ("age", "minutes", "copies", "days")
_FLAGS: Final = ("cross_division", "public", "all_agree", "jointly")
_TEXTS: Final = (
    "title", "kind", "source", "source_number", "initiative", "brief", "request", "amount", "party_kind", "party_name",
    "id_number", "phone", "home", "sex", "nation", "occupation", "rep_name", "rep_phone", "rep_id_number", "authority",
    "relation", "manner", "told_on", "starts_at", "where", "matter", "held_from", "held_until", "record", "outcome",
    "form", "facts", "issues", "content", "performance", "term", "total", "what", "due_on", "signed_on", "sealed_on",
    "settled_on", "applied_on", "court", "court_on", "ruling", "visited_on", "performed", "satisfaction", "words", "way",
    "body", "agreed_on", "colour", "look_on", "material", "on", "grade", "paid_on", "target", "reason", "note",
    "instruction",
)  # fmt: skip

# How each field of the tables is sent. A test compares the names with the forms'.
ACTION_KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(_TEXTS, Kind.TEXT),
    **dict.fromkeys(_IDS, Kind.CODES),
    **dict.fromkeys(_NAMES, Kind.NAMES),
    **dict.fromkeys(_ID, Kind.CODE),
    **dict.fromkeys(_WHOLE, Kind.INTEGER),
    **dict.fromkeys(_FLAGS, Kind.FLAG),
    "documents": Kind.FILES,
}
ENTRY_NEEDS: Final = (*FACTS, "place", "parties")
ENTRY_KINDS: Final[Mapping[str, Kind]] = {
    **{name: ACTION_KINDS[name] for name in (*FACTS, *MORE_FACTS)},
    "place": Kind.TEXT,
    "tier": Kind.TEXT,
    "direct_reason": Kind.TEXT,
    "came_from": Kind.TEXT,
    "parties": Kind.ROWS,
}
PARTY_KINDS: Final[Mapping[str, Kind]] = {name: ACTION_KINDS[name] for name in (*PARTY, *MORE_PARTY)}
HELP: Final = {
    **api_fields.HELP,
    "title": "What it is about, without any party's name.",
    "amount": "Yuan, with up to two digits after the point.",
    "total": "Yuan, with up to two digits after the point.",
    "place": "The code of a division of the caller's area.",
    "tier": "village, township or county; the nearest committee when left out.",
    "direct_reason": "Why the county or city takes it before village and township; needed then.",
    "came_from": "The number of the case that becomes this dispute.",
    "mediators": "Ids of posts; the first leads.",
    "consenting": "Ids of the parties that agreed.",
    "wishing": "Ids of the parties that want the next tier; all of them for `wish`.",
    "staff": "Ids of posts that are asked to come.",
    "signers": "Ids of the parties that signed on that day.",
    "sides": "Sides that a paper may be shown to; all when left out.",
    "routes": "arbitration, administrative, court",
    "members": "One person a text: name, office, duty.",
    "starts_at": "ISO 8601; without an offset China's time.",
    "held_from": "ISO 8601; without an offset China's time.",
    "held_until": "ISO 8601; without an offset China's time.",
    "performed": "yes or no",
    "minutes": "How long it is planned, in minutes.",
}
