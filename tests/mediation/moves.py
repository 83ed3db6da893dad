"""Short ways to bring a dispute to a step, by the real engine."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Post
from cases import workflow
from cases.models import Case
from grids import clock
from mediation import routing
from mediation.identity import with_check_digit
from mediation.models import Attempt, Party, Promise, Session
from mediation.services import Entry, register
from tests.cases.samples import jpeg
from tests.cast import Cast
from tests.mediation.conftest import Town

NOTICE = {"routes": ["court", "arbitration"], "manner": "in_person"}
AGREED = {
    "form": "written",
    "facts": "两户因院墙占用通道发生争执",
    "issues": "院墙是否占用公用通道，各方都有责任",
    "content": "乙方拆除院墙，甲方支付材料费",
    "performance": "现场拆除，银行转账",
    "term": "三十日内",
}


def identity(serial: int, born: date = date(1980, 1, 1)) -> str:
    """An identity number of nobody (area 100000, which is given to no place) with the right check digit."""
    return with_check_digit(f"100000{born:%Y%m%d}{serial:03d}")


def person(side: int, name: str, serial: int, **more: Any) -> dict[str, Any]:
    given = {
        "side": side, "party_kind": "person", "party_name": name, "id_number": identity(serial),
        "phone": f"0001380{serial:04d}", "home": f"东路{serial}号", "sex": "male", "nation": "汉族", "age": 46,
        "occupation": "个体户",
    }  # fmt: skip
    return given | more


def entry(town: Town, cast: Cast, **values: Any) -> Entry:
    known: dict[str, Any] = {
        "committee": town.village, "place": cast.places.grid, "title": "两户院墙通道纠纷", "kind": "neighbour",
        "source": "walk_in", "initiative": "applied", "brief": "甲乙两户相邻，院墙占用通道，多次争吵。",
        "request": "要求拆除院墙", "parties": [person(1, "欧阳甲", 1), person(2, "司徒乙", 2)],
    }  # fmt: skip
    return Entry(**(known | values))


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("scan.jpg", jpeg(), content_type="image/jpeg")


def do(case: Case, action: str, by: Post, **data: Any) -> Case:
    """One move of the dispute; `case` is refreshed."""
    files = {"documents": data.pop("documents")} if "documents" in data else {}
    workflow.advance(case, action, by=by, data=data, files=files)
    return case


def on(row: Any, action: str, by: Post, **data: Any) -> Any:
    """One move of a row of the dispute; the row is refreshed."""
    files = {"documents": data.pop("documents")} if "documents" in data else {}
    workflow.advance(row.case, action, by=by, data=data, files=files, subject=row)
    return row


def sides(case: Case) -> list[str]:
    return [str(pk) for pk in Party.objects.filter(case=case, state="present").values_list("pk", flat=True)]


def registered(town: Town, cast: Cast, *, by: Post | None = None, **values: Any) -> Case:
    return register(entry(town, cast, **values), by=by or town.low)


def accepted(town: Town, cast: Cast, **values: Any) -> Case:
    case = registered(town, cast, **values)
    do(case, "accept", town.low, mediators=[town.low.pk])
    return do(case, "tell_rights", town.low, told_on=str(clock.today()), manner="written")


def mediating(town: Town, cast: Cast, **values: Any) -> Case:
    """Asked for; the parties have not agreed yet."""
    return do(accepted(town, cast, **values), "propose_attempt", town.low)


def running(town: Town, cast: Cast, **values: Any) -> Case:
    """An attempt that all agreed to."""
    case = mediating(town, cast, **values)
    agree_all(case, town.low)
    return case


def attempt(case: Case) -> Attempt:
    found = routing.attempt_of(case)
    assert found is not None
    return Attempt.objects.select_related("docket__case").get(pk=found.pk)


def agree_all(case: Case, by: Post) -> None:
    on(attempt(case), "consent", by, consenting=sides(case), manner="in_person")
    case.refresh_from_db()


def planned(case: Case, by: Post, **data: Any) -> Session:
    starts = (clock.now() + timedelta(days=1)).isoformat()
    do(case, "plan_session", by, **({"starts_at": starts, "minutes": 60, "where": "调解室"} | data))
    return Session.objects.select_related("case").latest("pk")


def held(session: Session, by: Post, outcome: str = "continue", **data: Any) -> Session:
    now = clock.now()
    present = [str(row.pk) for row in session.invitations.all()]
    known = {
        "held_from": now.isoformat(), "held_until": (now + timedelta(hours=1)).isoformat(), "present": present,
        "record": "双方陈述了经过", "outcome": outcome,
    }  # fmt: skip
    found: Session = on(session, "hold", by, **(known | data))
    return found


def fail_once(case: Case, by: Post) -> Case:
    on(attempt(case), "not_agreed", by, reason="差距太大")
    case.refresh_from_db()
    return case


def agreed(town: Town, cast: Cast, **values: Any) -> Case:
    form = values.pop("form", "written")
    return do(running(town, cast, **values), "agree", town.low, **(AGREED | {"form": form}))


def promised(case: Case, by: Post, days: int = 20, amount: str | None = "1200.50") -> Promise:
    due = str(clock.today() + timedelta(days=days))
    more = {"amount": amount} if amount else {}
    do(case, "add_promise", by, party=sides(case)[0], what="支付材料费", due_on=due, **more)
    return Promise.objects.select_related("agreement__attempt__docket__case").latest("pk")


def performing(town: Town, cast: Cast, **values: Any) -> Case:
    form = values.get("form", "written")
    case = agreed(town, cast, **values)
    promised(case, town.low)
    today = str(clock.today())
    if form == "oral":
        return do(case, "record_oral", town.low, signed_on=today)
    return do(case, "sign", town.low, signed_on=today, sealed_on=today, documents=[scan()])


def visit_words() -> dict[str, Any]:
    return {
        "visited_on": str(clock.today()),
        "manner": "telephone",
        "performed": "yes",
        "satisfaction": "satisfied",
    }


def closed(town: Town, cast: Cast, **values: Any) -> Case:
    case = performing(town, cast, **values)
    promise = Promise.objects.select_related("agreement__attempt__docket__case").get(
        agreement__attempt__docket__case=case
    )
    on(promise, "keep", town.low, settled_on=str(clock.today()))
    case.refresh_from_db()
    return do(case, "close", town.low, **visit_words())
