"""What a case may become: another kind offers its own first form for it, filled with the case's facts (`carry`)."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from accounts.models import Post
from accounts.roles import Role
from cases import workflow
from cases.models import Case


@dataclass(frozen=True, slots=True)
class Becoming:
    """A kind's offer: its words, the name of the page with its form (`?from=` names the case), and who may."""

    kind: str
    label: Promise
    url_name: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Offer:
    """A button on the page of a case."""

    label: str | Promise
    url: str


_OFFERS: list[Becoming] = []


def register(becoming: Becoming) -> None:
    """Made known by a kind's AppConfig.ready(); twice is once."""
    if becoming not in _OFFERS:
        _OFFERS.append(becoming)


def offers(case: Case, post: Post) -> list[Offer]:
    """What this post may make of an open case whose kind has facts to carry over."""
    if not case.is_open or workflow.of(case.kind).carry is None:
        return []
    return [
        Offer(one.label, f"{reverse(one.url_name)}?from={case.number}")
        for one in _OFFERS
        if one.kind != case.kind and post.role in one.roles
    ]
