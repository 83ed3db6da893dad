"""A sample dispute with every name that a template may use: an uploaded template is tried with it."""

from __future__ import annotations

from typing import Any, Final

_PERSON: Final = {"name": "某甲", "id_number": "1" * 18, "phone": "0001380000"}
_REPRESENTATIVE: Final = {**_PERSON, "authority": "一般授权", "relation": "亲属"}
_PARTY: Final[dict[str, Any]] = {
    **_PERSON, "address": "某路 1 号", "side": "甲方", "role": "申请人", "kind": "自然人", "sex": "男", "nation": "汉族",
    "age": "46 岁", "occupation": "个体户", "representatives": [_REPRESENTATIVE],
}  # fmt: skip
_PROMISE: Final = dict.fromkeys(("party", "what", "amount", "due_on", "state", "settled_on"), "某事")
_AGREEMENT: Final = dict.fromkeys(
    ("form", "facts", "issues", "content", "manner", "term", "amount", "copies", "signed_on", "sealed_on",
     "effective_on", "confirm_until"), "某事",
)  # fmt: skip
_WORDS: Final = (
    "number", "case_number", "committee", "window", "telephone", "place", "title", "kind", "source", "source_number",
    "initiative", "brief", "request", "amount", "registered_on", "accepted_on", "closed_on", "state", "ending",
    "rights_on", "party_names", "mediators", "history", "filed_on", "filed_by", "keep", "missing", "remark", "pages",
)  # fmt: skip
SAMPLE: Final[dict[str, Any]] = {
    **dict.fromkeys(_WORDS, "某事"),
    "parties": [_PARTY, _PARTY],
    "agreement": _AGREEMENT,
    "promises": [_PROMISE],
    "confirmation": dict.fromkeys(("court", "applied_on", "decided_on", "ruling"), "某事"),
    "notice": dict.fromkeys(("routes", "given_on", "manner", "reason"), "某事"),
    "contents": [{"name": "受理登记表", "page": "1", "note": ""}],
    "session": dict.fromkeys(
        ("kind", "from", "until", "place", "public", "matter", "present", "absent", "record", "outcome"),
        "某事",
    ),
    "material": dict.fromkeys(("kind", "title", "on", "place", "words", "party", "by", "sides"), "某事"),
    "visit": dict.fromkeys(("on", "manner", "performed", "satisfaction", "words", "by"), "某事"),
}
