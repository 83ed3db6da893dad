"""Short ways to bring an incident to a step, by the real engine."""

from __future__ import annotations

from typing import Any

from accounts.models import Post
from cases import workflow
from cases.models import Case
from tests.cast import Cast


def do(case: Case, action: str, by: Post, **data: Any) -> Case:
    """One move; `case` is refreshed."""
    workflow.advance(case, action, by=by, data=data)
    return case


def station(cast: Cast) -> str:
    """The first township's station, as the form of an assignment names it."""
    return f"department:{cast.departments.station.pk}"


def filed(case: Case, cast: Cast) -> Case:
    return do(case, "file", cast.township)


def assigned(case: Case, cast: Cast) -> Case:
    return do(filed(case, cast), "assign", cast.township, handler=station(cast))


def investigating(case: Case, cast: Cast) -> Case:
    return do(assigned(case, cast), "accept", cast.station)


def fed_back(case: Case, cast: Cast) -> Case:
    return do(investigating(case, cast), "feed_back", cast.station, result="已清理完毕")


def verified(case: Case, cast: Cast) -> Case:
    return do(fed_back(case, cast), "verify", cast.worker)


def archived(case: Case, cast: Cast) -> Case:
    return do(verified(case, cast), "archive", cast.township)
