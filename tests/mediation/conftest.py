"""The spine's small calendar, a committee at each of the three tiers, and mediators there."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from accounts.models import Post
from accounts.roles import Role
from grids.models import Division
from mediation.models import Committee
from tests.cases.conftest import _media, category, new_case, sensitive, workdays
from tests.cast import SINCE, Cast, build_user

__all__ = ["_media", "category", "new_case", "sensitive", "workdays"]


@pytest.fixture(autouse=True)
def _calendar(workdays: None) -> None:
    """Some times of a dispute are working days."""


@dataclass
class Town:
    """The committees of village, township and city above one grid, and those who mediate there."""

    village: Committee
    township: Committee
    city: Committee
    elsewhere: Committee
    low: Post
    low_b: Post
    mid: Post
    mid_b: Post
    top: Post
    other: Post


@pytest.fixture
def town(cast: Cast) -> Town:
    """Committees in the cast's places: 东路社区, 剑光街道, 丰城市, and 小港镇 beside them."""
    places = cast.places
    made = [
        Committee(division=places.village, name="东路社区人民调解委员会", letters="东路人调"),
        Committee(division=places.street, name="剑光街道人民调解委员会", letters="剑人调"),
        Committee(division=places.city, name="丰城市人民调解委员会", letters="丰人调"),
        Committee(division=places.town2, name="小港镇人民调解委员会", letters="小人调"),
    ]
    Committee.objects.bulk_create(made)
    village, township, city, elsewhere = made
    return Town(
        village=village,
        township=township,
        city=city,
        elsewhere=elsewhere,
        low=mediator("low", "社区调解员甲", places.village),
        low_b=mediator("low_b", "社区调解员乙", places.village),
        mid=cast.mediator,
        mid_b=mediator("mid_b", "街道调解员乙", places.street),
        top=mediator("top", "市调解员甲", places.city),
        other=cast.mediator2,
    )


def mediator(username: str, name: str, place: Division) -> Post:
    """One more mediator at a place."""
    number = 100 + Post.objects.count()
    user = build_user(username, name, number)
    user.save()
    return Post.objects.create(user=user, role=Role.MEDIATOR, division=place, starts_on=SINCE)
