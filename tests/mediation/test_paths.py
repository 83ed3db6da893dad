"""Any path through a dispute, by chance: the promises of domain.md, section 6, hold on every one of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.models import Post
from cases import workflow
from cases.errors import CaseError
from cases.models import Case
from mediation import parties, routing
from mediation.choices import TIER_OF
from mediation.models import Agreement, Attempt, Docket, Party, Promise, RoutesNotice, Session
from mediation.standing import unconsenting
from mediation.workflow import FINALS, WITHOUT
from tests.cast import Cast
from tests.conftest import Clock
from tests.mediation import moves
from tests.mediation.conftest import Town

pytestmark = pytest.mark.slow


# Each end, and the move that leads there without an agreement.
GOALS = {
    "closed": "", "refused": "refuse", "failed": "fail", "withdrawn": "withdraw", "referred": "refer",
    "not_accepted": "turn_away",
}  # fmt: skip
PROMISES = (
    "never_more_than_three_attempts_a_tier", "nobody_mediates_without_all_consents", "one_committee_has_it",
    "nothing_is_owed_after_the_end", "no_tier_is_skipped_without_a_reason", "every_end_has_its_notice_or_agreement",
    "a_number_is_given_once_it_is_accepted",
)  # fmt: skip
WAYS = [action for action in GOALS.values() if action]


def machine(
    town: Town, cast: Cast, clock: Clock, goal: str, reached: set[tuple[str, str]]
) -> type[RuleBasedStateMachine]:
    """The machine over one database: each path runs in a transaction that is taken back.

    `goal`: the end that paths are drawn to. `reached`: where they came.
    """
    by_place = {town.low.division_id: [town.low, town.low_b], town.mid.division_id: [town.mid, town.mid_b],
                town.top.division_id: [town.top]}  # fmt: skip

    class Dispute(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.held = transaction.atomic()
            self.held.__enter__()
            self.refused = False

        def teardown(self) -> None:
            if hasattr(self, "case"):
                self.finish()
                for promise in PROMISES:
                    getattr(self, promise)()
            transaction.set_rollback(True)
            self.held.__exit__(None, None, None)

        @initialize(start=st.sampled_from(["village", "township", "city"]), up=st.booleans())
        def begin(self, start: str, up: bool) -> None:
            """`up`: on the way to its end it passes up wherever it can."""
            self.up = up
            committee = getattr(town, start)
            self.case: Case = moves.registered(
                town, cast, committee=committee, by=by_place[committee.division_id][0], direct_reason="跨乡镇"
            )

        # --- what people try

        @property
        def by(self) -> Post:
            """A mediator of the committee that has it who is not out of it."""
            out = set(self.case.exclusions.values_list("post", flat=True))
            return next(post for post in by_place[self.case.office_id] if post.pk not in out)

        def try_(self, action: str, subject: Any = None, files: Any = None, **data: Any) -> bool:
            """Whether the engine did it; whatever it refuses leaves everything as it was."""
            before = (self.case.state, self.case.last_seq)
            try:
                with transaction.atomic():
                    workflow.advance(
                        self.case, action, by=self.by, data=data, files=files or {}, subject=subject
                    )
            except CaseError:
                self.case.refresh_from_db()
                assert (self.case.state, self.case.last_seq) == before
                return False
            assert not self.refused, f"{action} was done after a refusal"
            self.case.refresh_from_db()
            reached.add((self.case.state, TIER_OF[self.case.office.level].value))
            return True

        @rule()
        def accept(self) -> None:
            action = "accept_up" if self.case.state == "passing" else "accept"
            self.try_(action, mediators=[self.by.pk])

        @rule()
        def tell_rights(self) -> None:
            self.try_("tell_rights", told_on=str(clock.at.date()), manner="written")

        @rule(all_agree=st.booleans())
        def attempt(self, all_agree: bool) -> None:
            agreeing = moves.sides(self.case)[: None if all_agree else 1]
            if not self.try_("propose_attempt", consenting=agreeing, manner="in_person"):
                self.try_("assign", mediators=[self.by.pk])

        @rule()
        def consent(self) -> None:
            found = routing.attempt_of(self.case)
            if found is not None and found.state == "seeking":
                self.try_(
                    "consent",
                    moves.attempt(self.case),
                    consenting=moves.sides(self.case)[1:],
                    manner="telephone",
                )

        @rule()
        def not_agreed(self) -> None:
            if routing.attempt_of(self.case) is not None:
                self.try_("not_agreed", moves.attempt(self.case), reason="差距大")

        @rule(form=st.sampled_from(["written", "oral"]))
        def agree(self, form: str) -> None:
            self.try_("agree", **(moves.AGREED | {"form": form}))

        @rule()
        def promise(self) -> None:
            due = str((clock.at + timedelta(days=9)).date())
            self.try_("add_promise", party=moves.sides(self.case)[0], what="支付", due_on=due)

        @rule()
        def sign(self) -> None:
            today = str(clock.at.date())
            if not self.try_("record_oral", signed_on=today):
                self.try_("sign", files={"documents": [moves.scan()]}, signed_on=today, sealed_on=today)

        @rule()
        def fall_through(self) -> None:
            self.try_("fall_through", reason="一方反悔")

        @rule(kept=st.booleans())
        def settle(self, kept: bool) -> None:
            found = Promise.objects.filter(agreement__attempt__docket__case=self.case, state="open")
            row = found.select_related("agreement__attempt__docket__case").first()
            if row is None:
                return
            today = str(clock.at.date())
            if kept:
                self.try_("keep", row, settled_on=today)
            else:
                self.try_("break_promise", row, settled_on=today, advice=["sue"], note="不付")

        @rule()
        def close(self) -> None:
            self.try_("close", **moves.visit_words())

        @rule(
            way=st.sampled_from(["exhausted", "wish", "early", "skipped"]),
            reason=st.sampled_from(["", "跨区域"]),
        )
        def pass_up(self, way: str, reason: str) -> None:
            tier = routing.docket_of(self.case).tier
            if self.try_("pass_up", way=way, reason=reason, wishing=moves.sides(self.case)):
                assert reason
                assert way != "exhausted" or routing.failed_at(self.case, tier) == 3

        @rule(recused=st.booleans())
        def replace(self, recused: bool) -> None:
            """One mediator goes; where there is no other, nobody goes."""
            goes, others = self.by, by_place[self.case.office_id]
            stays = next((post for post in others if post != goes), None)
            if stays is None or self.case.exclusions.filter(post=stays).exists():
                return
            action, more = ("recuse", {"party": moves.sides(self.case)[0]}) if recused else ("exclude", {})
            if self.try_(action, mediator=goes.pk, reason="亲属", **more):
                assert self.by == stays
                assert workflow.allowed(self.case, goes) == []
                assert not Case.objects.inside_of(goes.user).filter(pk=self.case.pk).exists()

        @rule(days=st.integers(1, 40), all_agree=st.booleans())
        def extend(self, days: int, all_agree: bool) -> None:
            today = str(clock.at.date())
            if self.try_("extend", days=days, agreed_on=today, **({"all_agree": "on"} if all_agree else {})):
                assert all_agree and days <= 30

        @rule(serial=st.integers(3, 5))
        def one_more_party(self, serial: int) -> None:
            under_way = routing.attempt_of(self.case)
            if self.try_("add_party", **moves.person(serial, f"诸葛{serial}", serial)):
                assert under_way is None

        @rule()
        def one_party_less(self) -> None:
            row = parties.present(self.case)[-1]
            self.try_("leave", Party.objects.select_related("case").get(pk=row.pk), reason="已经转让")
            assert len({party.side for party in parties.present(self.case)}) >= 2

        @rule()
        def consult(self) -> None:
            starts = (clock.at + timedelta(days=1)).isoformat()
            self.try_(
                "consult", matter="怎样化解", starts_at=starts, minutes=60, where="会商室", members=["司法所"]
            )

        @rule()
        def hand_back(self) -> None:
            self.try_("hand_back", reason="材料不齐")

        @rule()
        def session(self) -> None:
            starts = (clock.at + timedelta(days=1)).isoformat()
            if not self.try_("plan_session", starts_at=starts, minutes=60, where="调解室"):
                self.over(cancelled=True)

        @rule(cancelled=st.booleans())
        def over(self, cancelled: bool) -> None:
            """A meeting that was planned is called off, or recorded."""
            row = Session.objects.select_related("case").filter(case=self.case, state="planned").first()
            if row is None:
                return
            if cancelled:
                self.try_("cancel", row, reason="改期")
                return
            now, here = clock.at.isoformat(), [str(guest.pk) for guest in row.invitations.all()]
            self.try_(
                "hold",
                row,
                held_from=now,
                held_until=now,
                present=here,
                record="各方陈述",
                outcome="continue",
            )

        @rule(
            action=st.sampled_from(WAYS),
            told=st.booleans(),
            luck=st.integers(0, 2),
        )
        def end(self, action: str, told: bool, luck: int) -> None:
            if not luck:
                self.ended(action, told=told)

        def ended(self, action: str, *, told: bool) -> bool:
            """Whether the dispute ended so."""
            if action == "fail":  # nobody gives up before somebody has tried
                self.over(cancelled=True)
                self.not_agreed()
            notice = moves.NOTICE if told else {"manner": "in_person"}
            data = {"reason": "不再调解", "body": "公安局", "party": moves.sides(self.case)[0], **notice}
            if not self.try_(action, **data):
                return False
            assert told, "ended without a notice"
            self.refused = action == "refuse"
            return True

        @rule(steps=st.integers(0, 8), well=st.booleans())
        def forward(self, steps: int, well: bool) -> None:
            """Some steps as an office would take them, so that paths get somewhere."""
            for _step in range(steps):
                self.next_step(well)

        def finish(self) -> None:
            """From wherever chance has led, as straight as may be to the end that paths are drawn to."""
            action, up = GOALS[goal], self.up
            for _step in range(20):
                if self.case.state in FINALS:
                    return
                if action and self.ended(action, told=True):
                    return
                if up and self.case.state == "accepted":
                    up = self.try_("pass_up", way="early", reason="跨区域")
                self.next_step(well=action != "fail")

        def next_step(self, well: bool) -> None:
            self.over(cancelled=False)
            state = self.case.state
            if state in ("registered", "passing"):
                self.accept()
            elif state == "accepted" and self.case.mediation.rights_told_on is None:
                self.tell_rights()
            elif (
                state == "accepted" and routing.attempts_at(self.case, routing.docket_of(self.case).tier) == 3
            ):
                if not self.try_("pass_up", way="exhausted" if well else "early", reason="三次不成"):
                    self.ended("fail", told=True)
            elif state == "accepted":
                self.try_("assign", mediators=[self.by.pk])
                self.attempt(all_agree=True)
            elif state == "mediating":
                self.agree("written") if well else self.not_agreed()
                if self.case.state == "mediating":
                    self.consent()
            elif state == "agreed":
                self.promise()
                self.sign()
            elif state == "performing":
                self.settle(kept=True)
                self.close()

        # --- what holds on every path

        @invariant()
        def never_more_than_three_attempts_a_tier(self) -> None:
            for tier in ("village", "township", "county"):
                assert routing.attempts_at(self.case, tier) <= 3

        @invariant()
        def nobody_mediates_without_all_consents(self) -> None:
            for row in Attempt.objects.filter(docket__case=self.case, begun_at__isnull=False):
                assert row.consents.count() >= 2
                if row.state == "running":
                    assert not unconsenting(self.case, row)

        @invariant()
        def one_committee_has_it(self) -> None:
            docket = routing.docket_of(self.case)
            assert docket.committee.division_id == self.case.office_id
            assert (
                not Attempt.objects.filter(docket__case=self.case, state__in=["seeking", "running"])
                .exclude(docket=docket)
                .exists()
            )

        @invariant()
        def nothing_is_owed_after_the_end(self) -> None:
            if self.case.state in FINALS:
                assert not self.case.deadlines.filter(met_at=None, cancelled_at=None).exists()
                assert not Session.objects.filter(case=self.case, state="planned").exists()

        @invariant()
        def no_tier_is_skipped_without_a_reason(self) -> None:
            dockets = list(Docket.objects.filter(case=self.case))
            seen = [docket.tier for docket in dockets]
            for entry in self.case.events.filter(verb="mediation.passed_up"):
                assert entry.words.text
            if "county" in seen and "township" not in seen:
                if "village" in seen:
                    entry = self.case.events.filter(verb="mediation.passed_up").latest("seq")
                    assert entry.data["way"] == "skipped"
                else:
                    assert self.case.events.get(seq=1).words.text == "跨乡镇"

        @invariant()
        def every_end_has_its_notice_or_agreement(self) -> None:
            if self.case.state == "closed":
                assert (
                    Agreement.objects.filter(attempt__docket__case=self.case, state="effective").count() == 1
                )
            elif self.case.state in WITHOUT:
                assert RoutesNotice.objects.filter(case=self.case).exists()
            assert (self.case.closed_at is not None) == (self.case.state in FINALS)

        @invariant()
        def a_number_is_given_once_it_is_accepted(self) -> None:
            for docket in Docket.objects.filter(case=self.case):
                assert (docket.accepted_at is None) == (docket.serial is None)

    return Dispute


# What a walk to a closed case passes, or all of them together.
ALONG = {"accepted", "mediating", "agreed", "performing", "passing"}


@pytest.mark.parametrize("goal", GOALS)
def test_every_path_keeps_the_promises(goal: str, town: Town, cast: Cast, clock: Clock) -> None:
    """By chance, yet each run drawn to one end, so that the promises are put to the test at every one of them."""
    often = settings(
        max_examples=30 if goal == "closed" else 12, stateful_step_count=40, deadline=None, database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )  # fmt: skip
    states = {goal, *ALONG} if goal == "closed" else {goal}
    tiers = {"village", "township", "county"} if goal == "closed" else set()
    reached: set[tuple[str, str]] = set()
    # What is reached is up to chance: more walks, before the walks are said not to lead there.
    for _round in range(3):
        run_state_machine_as_test(machine(town, cast, clock, goal, reached), settings=often)
        missing = states - {state for state, _tier in reached}
        missing |= tiers - {tier for state, tier in reached if state == "mediating"}
        if not missing:
            break
    assert not missing


def test_every_end_is_a_goal() -> None:
    assert set(GOALS) == FINALS
