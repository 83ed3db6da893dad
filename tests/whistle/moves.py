"""Short ways to bring a whistle to a step, by the real engine."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Post
from cases import deadlines, workflow
from cases.models import Case
from grids.models import Department
from tests.cases.samples import jpeg
from tests.cast import Cast
from whistle.models import NegativeEntry, Summons, Task
from whistle.services import Draft, draft

WORDS = {
    "reason": "按规定应当这样办理，特此说明",
    "note": "情况说明",
    "result": "研究决定由各部门分头办理",
    "instruction": "请抓紧办理",
}


def facts(cast: Cast, **values: Any) -> Draft:
    known: dict[str, Any] = {
        "title": "沿河违建占道",
        "kind": "dispute",
        "subject": "illegal_building",
        "matter": "三户沿河搭建，堵住通道，多次劝说无效",
        "why_not": "街道没有执法权",
        "address": "东路 12 号门前",
        "departments": [cast.departments.urban.pk, cast.departments.police.pk],
        "lat": 28.185,
        "lng": 115.785,
    }
    return Draft(**(known | values))


def fields(cast: Cast, **values: Any) -> dict[str, Any]:
    """The same facts as a page or a program sends them."""
    given = facts(cast)
    names = ("title", "kind", "subject", "matter", "why_not", "address", "departments", "lat", "lng")
    return {name: getattr(given, name) for name in names} | values


def photo(width: int = 400) -> SimpleUploadedFile:
    return SimpleUploadedFile("on-site.jpg", jpeg(width), content_type="image/jpeg")


def do(case: Case, action: str, by: Post, **data: Any) -> Case:
    """One move of the whistle; `case` is refreshed."""
    workflow.advance(case, action, by=by, data=data)
    return case


def summons(case: Case, department: Department) -> Summons:
    return Summons.objects.select_related("department", "case").get(case=case, department=department)


def on(row: Summons | Task | NegativeEntry, action: str, by: Post, **data: Any) -> Any:
    """One move of a summons, a task or an entry; the row is refreshed."""
    files = {"photos": data.pop("photos")} if "photos" in data else {}
    workflow.advance(row.case, action, by=by, data=data, files=files, subject=row)
    return row


def drafted(cast: Cast, **values: Any) -> Case:
    return draft(facts(cast, **values), by=cast.township)


def filed(cast: Cast, **values: Any) -> Case:
    case = drafted(cast, **values)
    do(case, "submit", cast.township)
    do(case, "approve", cast.secretary)
    return do(case, "file", cast.township)


def sounded(cast: Cast, **values: Any) -> Case:
    return do(filed(cast, **values), "sound", cast.committee)


def arrived(case: Case, department: Department, by: Post, **data: Any) -> Summons:
    return on(summons(case, department), "report_in", by, **({"photos": [photo()]} | data))  # type: ignore[no-any-return]


def confirmed(case: Case, cast: Cast, department: Department, by: Post) -> Summons:
    return on(arrived(case, department, by), "confirm", cast.township)  # type: ignore[no-any-return]


def consulting(cast: Cast) -> Case:
    """Both departments are there; the first leads."""
    case = sounded(cast)
    confirmed(case, cast, cast.departments.urban, cast.officer)
    confirmed(case, cast, cast.departments.police, cast.officer2)
    lead = summons(case, cast.departments.urban).pk
    return do(case, "consult", cast.township, result="现场会商，分头办理", lead=lead)


def claimed(case: Case, department: Department, by: Post, text: str, due_on: str) -> Task:
    on(summons(case, department), "claim", by, task=text, due_on=due_on)
    return Task.objects.select_related("summons__case", "summons__department").latest("pk")


def working(cast: Cast, due_on: str) -> Case:
    case = consulting(cast)
    claimed(case, cast.departments.urban, cast.officer, "拆除违建", due_on)
    claimed(case, cast.departments.police, cast.officer2, "维护秩序", due_on)
    return do(case, "start_work", cast.township)


def resolved(cast: Cast, due_on: str) -> Case:
    case = working(cast, due_on)
    for task in Task.objects.select_related("summons__case", "summons__department"):
        officer = cast.officer if task.summons.department == cast.departments.urban else cast.officer2
        on(task, "finish", officer, result="已完成")
    for department in (cast.departments.urban, cast.departments.police):
        on(summons(case, department), "rate", cast.township, response=5, solution=4, satisfaction=4)
    case.refresh_from_db()
    return do(case, "resolve", cast.township, result="违建已拆除，通道恢复")


def ring() -> int:
    """Let everything that is due take effect."""
    total = 0
    for _turn in range(10):
        rung = deadlines.ring_due()
        total += rung
        if not rung:
            break
    return total


def entry(case: Case) -> NegativeEntry:
    return NegativeEntry.objects.select_related("summons__case", "summons__department", "confirmed_by").get(
        summons__case=case
    )


def verbs(case: Case) -> list[str]:
    return list(case.events.order_by("seq").values_list("verb", flat=True))
