"""What the moves of a dispute change besides state, clocks and record. Named by the tables; run by the engine."""

from __future__ import annotations

from collections.abc import Callable

from cases.tables import Move
from mediation.effects.afterwards import (
    apply_confirmation,
    claim_again,
    claim_subsidy,
    close,
    court_accepts,
    court_decides,
    decide_subsidy,
    file,
    pay,
    visit,
)
from mediation.effects.agreements import (
    add_promise,
    agree,
    fall_through,
    record_signatures,
    redate,
    redraft,
    settle,
    sign,
)
from mediation.effects.attempts import begin, consent, not_agreed, propose_attempt
from mediation.effects.endings import fail, refer, refuse, turn_away, withdraw
from mediation.effects.intake import accept, add_material, edit, extend, grade, link
from mediation.effects.meetings import call_off, hold, move_session, plan_consultation, plan_session, tell
from mediation.effects.people import (
    add_party,
    assign,
    edit_party,
    exclude,
    leave,
    recuse,
    represent,
    tell_rights,
)
from mediation.effects.tiers import hand_back, pass_up

CASE_EFFECTS: dict[str, Callable[[Move], None]] = {
    one.__name__: one
    for one in (
        accept, turn_away, edit, add_party, assign, exclude, recuse, tell_rights, propose_attempt, plan_session,
        plan_consultation, agree, redraft, add_promise, record_signatures, sign, fall_through, pass_up, hand_back, refuse, fail,
        withdraw, refer, apply_confirmation, visit, close, file, claim_subsidy, extend, grade, add_material, link,
    )
}  # fmt: skip
PARTY_EFFECTS = {"edit_party": edit_party, "represent": represent, "leave": leave}
ATTEMPT_EFFECTS = {"consent": consent, "begin": begin, "not_agreed": not_agreed}
SESSION_EFFECTS = {"hold": hold, "tell": tell, "move_session": move_session, "call_off": call_off}
PROMISE_EFFECTS = {"settle": settle, "redate": redate}
CONFIRMATION_EFFECTS = {"court_accepts": court_accepts, "court_decides": court_decides}
SUBSIDY_EFFECTS = {"decide_subsidy": decide_subsidy, "claim_again": claim_again, "pay": pay}
