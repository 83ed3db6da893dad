"""The tables of a dispute walked whole: every row works for whom it names, for nobody else, in no other state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Post
from cases import checks, workflow
from cases.errors import CaseError
from cases.models import Case
from cases.tables import SAME, Transition
from mediation.models import Confirmation, Party, Promise, Session, Subsidy
from mediation.registration import MEDIATION, SUBS
from tests.cast import Cast
from tests.conftest import Clock
from tests.mediation import moves
from tests.mediation.conftest import Town
from tests.mediation.moves import do, on

TABLES = {"mediation": MEDIATION} | {table.kind: table for table in SUBS}
ROWS = [(name, state, row) for name, table in TABLES.items() for row in table.rows for state in row.sources]
BY_HAND = [one for one in ROWS if not one[2].system]
IDS = [f"{name}: {row.action} from {state}" for name, state, row in BY_HAND]


def people(cast: Cast, town: Town) -> list[Post]:
    every = [*vars(cast).values(), *vars(town).values()]
    return list(dict.fromkeys(value for value in every if isinstance(value, Post)))


class Way:
    """Brings a dispute, or a row of it, to a state by the real moves; and right data for what comes next."""

    def __init__(self, town: Town, cast: Cast, clock: Clock) -> None:
        self.town, self.cast, self.clock = town, cast, clock

    def dispute(self, state: str) -> Case:
        town, cast = self.town, self.cast
        makers: dict[str, Callable[[], Case]] = {
            "registered": lambda: moves.registered(town, cast),
            "accepted": lambda: moves.accepted(town, cast),
            "mediating": lambda: moves.running(town, cast),
            "agreed": lambda: moves.agreed(town, cast),
            "performing": lambda: moves.performing(town, cast),
            "passing": lambda: do(
                moves.accepted(town, cast), "pass_up", town.low, way="early", reason="跨社区"
            ),
            "closed": lambda: moves.closed(town, cast),
            "refused": lambda: self.refused(moves.running(town, cast)),
            "failed": lambda: do(
                moves.fail_once(moves.running(town, cast), town.low),
                "fail",
                town.low,
                reason="差距大",
                **moves.NOTICE,
            ),
            "withdrawn": lambda: do(
                moves.accepted(town, cast), "withdraw", town.low, reason="自行和解", **moves.NOTICE
            ),
            "referred": lambda: do(
                moves.accepted(town, cast),
                "refer",
                town.low,
                body="公安局",
                reason="涉嫌违法",
                **moves.NOTICE,
            ),
            "not_accepted": lambda: do(
                moves.registered(town, cast), "turn_away", town.low, reason="已经起诉", **moves.NOTICE
            ),
        }
        return makers[state]()

    def refused(self, case: Case) -> Case:
        return do(case, "refuse", self.town.low, party=moves.sides(case)[0], **moves.NOTICE)

    # --- rows

    def party(self, state: str) -> tuple[Case, Party]:
        case = self.dispute("accepted")
        do(case, "add_party", self.town.low, **moves.person(3, "诸葛丙", 3))
        if state == "left":
            row = Party.objects.select_related("case").get(case=case, side=3)
            on(row, "leave", self.town.low, reason="与本纠纷无关")
            return case, row
        return case, Party.objects.select_related("case").filter(case=case).latest("pk")

    def attempt(self, state: str) -> tuple[Case, Any]:
        if state == "seeking":
            case = moves.mediating(self.town, self.cast)
            return case, moves.attempt(case)
        case = self.dispute("agreed" if state == "agreed" else "mediating")
        row = moves.attempt(case)
        if state == "failed":
            on(row, "not_agreed", self.town.low, reason="差距大")
        elif state == "stopped":
            self.refused(case)
        row.refresh_from_db()
        return case, row

    def session(self, state: str) -> tuple[Case, Session]:
        case = self.dispute("mediating")
        row = moves.planned(case, self.town.low)
        if state == "held":
            moves.held(row, self.town.low)
        elif state == "cancelled":
            on(row, "cancel", self.town.low, reason="一方生病")
        return case, row

    def promise(self, state: str) -> tuple[Case, Promise]:
        case = self.dispute("agreed" if state == "void" else "performing")
        found = Promise.objects.select_related("agreement__attempt__docket__case")
        if state == "void":
            row = moves.promised(case, self.town.low)
            on(row, "remove", self.town.low)
            return case, row
        row = found.get(agreement__attempt__docket__case=case)
        today = str(self.clock.at.date())
        if state == "kept":
            on(row, "keep", self.town.low, settled_on=today)
        elif state == "broken":
            on(row, "break_promise", self.town.low, settled_on=today, advice=["sue"], note="拒绝支付")
        return case, row

    def confirmation(self, state: str) -> tuple[Case, Confirmation]:
        case = self.dispute("performing")
        today = str(self.clock.at.date())
        do(case, "apply_confirmation", self.town.low, applied_on=today, court="丰城市人民法院", jointly="on")
        row = Confirmation.objects.select_related("agreement__attempt__docket__case").latest("pk")
        ways: dict[str, tuple[str, dict[str, Any]]] = {
            "accepted": ("court_accepts", {"court_on": today}),
            "confirmed": ("court_confirms", {"court_on": today, "ruling": "（2026）赣0981民特1号"}),
            "rejected": ("court_rejects", {"court_on": today, "reason": "内容不明确"}),
            "dropped": ("drop_confirmation", {"reason": "双方不再申请"}),
        }
        if state in ways:
            action, data = ways[state]
            on(row, action, self.town.low, **data)
        return case, row

    def subsidy(self, state: str) -> tuple[Case, Subsidy]:
        case = self.filed()
        do(case, "claim_subsidy", self.town.low, grade="simple", payee=self.town.low.pk)
        row = Subsidy.objects.select_related("case").get(case=case)
        if state in ("approved", "paid"):
            on(row, "approve", self.cast.centre)
        if state == "paid":
            on(row, "pay", self.cast.centre, paid_on=str(self.clock.at.date()))
        elif state == "refused":
            on(row, "refuse_subsidy", self.cast.centre, reason="材料不齐")
        return case, row

    def filed(self) -> Case:
        """Closed, with the whole file, and archived."""
        case = self.complete()
        return do(case, "file", self.town.low, keep_years=10)

    def complete(self) -> Case:
        """Closed with everything that a file must have."""
        town = self.town
        case = moves.running(town, self.cast)
        moves.held(moves.planned(case, town.low), town.low, "agreed")
        case.refresh_from_db()
        today = str(self.clock.at.date())
        do(
            case,
            "add_material",
            town.low,
            material="identity",
            title="身份证复印件",
            on=today,
            documents=[moves.scan()],
        )
        do(case, "agree", town.low, **moves.AGREED)
        promise = moves.promised(case, town.low)
        case.refresh_from_db()
        do(case, "sign", town.low, signed_on=today, sealed_on=today, documents=[moves.scan()])
        promise.refresh_from_db()
        on(Promise.objects.select_related("agreement__attempt__docket__case").get(pk=promise.pk), "keep", town.low,
           settled_on=today)  # fmt: skip
        case.refresh_from_db()
        return do(case, "close", town.low, **moves.visit_words())

    def bring(self, name: str, state: str) -> tuple[Case, Any]:
        case, row = (self.dispute(state), None) if name == "mediation" else getattr(self, name)(state)
        case.refresh_from_db()
        if row is not None:
            row.refresh_from_db()
            row = self.read(row)
        assert (row or case).state == state
        return case, row

    @staticmethod
    def read(row: Any) -> Any:
        """The row with its case, as a page reads it."""
        sub = workflow.of(row.TABLE).sub
        assert sub is not None
        with transaction.atomic():
            return sub.lock(row.pk)

    # --- what a row needs around it, and its data

    def arrange(self, row: Transition, state: str) -> Case | None:
        """A dispute in the circumstances that the row's guards ask for, where the usual one has others."""
        town, cast, low = self.town, self.cast, self.town.low
        if row.action == "tell_rights":
            case = moves.registered(town, cast)
            return do(case, "accept", low, mediators=[low.pk])
        if row.action in ("propose_attempt", "extend", "fail"):
            if row.action == "fail":
                return moves.fail_once(moves.running(town, cast), low)
            return None
        if row.action in ("sign", "record_signatures"):
            case = moves.agreed(town, cast)
            moves.promised(case, low)
            return case
        if row.action == "record_oral":
            case = moves.agreed(town, cast, form="oral")
            moves.promised(case, low)
            return case
        if row.action == "close":
            case = moves.performing(town, cast)
            found = Promise.objects.select_related("agreement__attempt__docket__case")
            on(
                found.get(agreement__attempt__docket__case=case),
                "keep",
                low,
                settled_on=str(self.clock.at.date()),
            )
            return case
        if row.action == "file" and state == "closed":
            return self.complete()
        if row.action == "claim_subsidy":
            return self.filed()
        return None

    def sample(self, row: Transition, case: Case, thing: Any) -> dict[str, Any]:
        today, soon = str(self.clock.at.date()), str((self.clock.at + timedelta(days=9)).date())
        at = (self.clock.at + timedelta(days=2)).isoformat()
        low = self.town.low if case.office_id == self.town.low.division_id else self.town.mid
        known: dict[str, Any] = {
            "title": "两户通道纠纷", "kind": "neighbour", "source": "walk_in", "initiative": "applied",
            "brief": "相邻通道", "reason": "按规定办理", "note": "说明", "instruction": "请抓紧", "party": moves.sides(case)[0],
            "mediators": [low.pk], "mediator": low.pk, "told_on": today, "manner": "written", "routes": ["court"],
            "starts_at": at, "minutes": 60, "where": "调解室", "matter": "边界怎样认定", "members": ["王某 司法所 所长"],
            "documents": [moves.scan()], "signed_on": today, "sealed_on": today, "what": "支付", "due_on": soon,
            "way": "early", "body": "公安局", "applied_on": today, "court": "丰城市人民法院", "jointly": "on",
            "days": 10, "agreed_on": today, "all_agree": "on", "colour": "yellow", "look_on": soon,
            "material": "note", "on": today, "keep_years": 10, "grade": "simple", "payee": self.town.low.pk,
            "rep_name": "公冶丁", "authority": "general", "held_from": self.clock.at.isoformat(),
            "held_until": self.clock.at.isoformat(), "record": "各方陈述", "outcome": "continue",
            "settled_on": today, "advice": ["sue"], "court_on": today, "ruling": "民特1号", "paid_on": today,
            "consenting": moves.sides(case)[:1], "signers": moves.sides(case)[:1],
            **moves.AGREED, **moves.visit_words(), **moves.person(3, "诸葛丙", 3),
        }  # fmt: skip
        if isinstance(thing, Session):
            guests = [str(guest.pk) for guest in thing.invitations.all()]
            known |= {"invited": guests, "present": guests}
        if "target" in row.needs:
            known["target"] = moves.registered(self.town, self.cast).number
        if row.action == "edit_party":
            known["side"] = thing.side
        return {name: known[name] for name in row.needs}


@pytest.fixture
def way(town: Town, cast: Cast, clock: Clock) -> Way:
    return Way(town, cast, clock)


@pytest.mark.parametrize(("name", "state", "row"), BY_HAND, ids=IDS)
def test_every_row_works_for_somebody_and_leads_where_it_says(
    name: str, state: str, row: Transition, way: Way, cast: Cast, town: Town
) -> None:
    arranged = way.arrange(row, state)
    case, thing = (arranged, None) if arranged is not None else way.bring(name, state)
    if row.action == "remove":
        case = way.dispute("agreed")
        thing = moves.promised(case, town.low)
    case.refresh_from_db()
    doers = [
        post for post in people(cast, town) if workflow.refusal(case, row.action, post, subject=thing) is None
    ]
    assert doers, str(workflow.refusal(case, row.action, town.low, subject=thing))
    assert all(post.role in row.roles for post in doers)
    before, data = (thing or case).state, way.sample(row, case, thing)
    files = {"documents": data.pop("documents")} if "documents" in data else {}
    workflow.advance(case, row.action, by=doers[0], data=data, files=files, subject=thing)
    assert (thing or case).state == (before if row.target == SAME else row.target)
    assert case.events.filter(verb=row.verb, actor=doers[0].user).exists()


@pytest.mark.parametrize(
    ("name", "state"), [(name, state) for name, table in TABLES.items() for state in table.states]
)
def test_everything_else_is_refused_for_every_role(
    name: str, state: str, way: Way, cast: Cast, town: Town
) -> None:
    """No post does what its row does not name; no action works from a state that its rows do not name."""
    case, thing = way.bring(name, state)
    table = TABLES[name]
    held = case.events.count()
    for action in sorted({row.action for row in table.rows}):
        row = table.row(state, action)
        for post in people(cast, town):
            error = workflow.refusal(case, action, post, subject=thing)
            named = row is not None and not row.system and post.role in row.roles
            elsewhere = post.role == "mediator" and post.division_id != case.office_id
            if not named or elsewhere:
                assert error is not None, f"{post} may {action} in {state}"
            if error is not None:
                with pytest.raises(CaseError), transaction.atomic():
                    workflow.advance(case, action, by=post, data={}, subject=thing)
    assert case.events.count() == held


def test_the_database_knows_the_states_of_the_table(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'case_mediation_state'"
        )
        (told,) = cursor.fetchone()
    assert all(f"'{state}'" in told for state in MEDIATION.states)


def test_the_tables_are_sound() -> None:
    assert [error for error in checks.check_workflows() if "mediation" in str(error)] == []
