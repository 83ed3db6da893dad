"""Disputes in the API: the list, entering one, one of them, who the parties are, the statistics."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Post
from cases.api import View
from cases.api_body import read
from cases.api_fields import body_of
from cases.api_filters import StrictFilters
from cases.api_pages import Pages
from cases.api_reveal import REASON, RevealOf
from cases.errors import Incomplete
from cases.idempotency import Done, idempotent
from cases.models import Case
from cases.periods import Period
from grids import clock
from mediation import figures, listing, services
from mediation.api.facts import Facts
from mediation.api.fields import ENTRY_KINDS, ENTRY_NEEDS, HELP, PARTY_KINDS
from mediation.api.shapes import MediationFigureSerializer, MediationSerializer, WholeMediationSerializer
from mediation.entry_form import MOST_PARTIES, EntryForm, PartyForm, check_together, entry_of
from mediation.figures import GROUPS
from mediation.filters import MediationFilter
from mediation.models import Mediation
from mediation.services import KIND
from mediation.workflow import PARTY

ROW = body_of("MediationParty", PARTY_KINDS, PARTY, files=False, words=HELP)
ENTRY = {
    "application/json": body_of(
        "MediationEntry", ENTRY_KINDS, ENTRY_NEEDS, files=False, words=HELP, rows={"parties": ROW}
    )
}


class MediationListView(View, ListAPIView[Mediation]):
    """The disputes as the caller sees them, and entering one."""

    queryset = Mediation.objects.none()  # what there is to see depends on the caller
    filter_backends = (StrictFilters,)
    filterset_class = MediationFilter
    pagination_class = Pages
    serializer_class = MediationSerializer

    @extend_schema(
        operation_id="mediations_list",
        description="The disputes within the caller's posts, the last entered first. `state` may be repeated; `counted` "
        "with `since` and `until` narrows to those behind a number of the statistics. There is no filter by person.",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="mediations_register",
        request=ENTRY,
        responses={201: WholeMediationSerializer},
        description="Write a dispute and its parties down, as a mediator or the staff of a centre; refused whole if "
        "anything is wrong. Errors of a party are named `parties[n].field`.",
    )
    @idempotent
    def post(self, request: Request) -> Done:
        mine = (post for post in self.posts if post.role in services.REGISTRARS)
        by = services.check_registrar(next(mine, None))
        case = _registered(read(request, ENTRY_KINDS).values, by)
        return Done(201, Facts(self.user, self.posts, case.number).as_json(request), case)

    def get_queryset(self) -> QuerySet[Mediation]:
        found: QuerySet[Mediation] = figures.annotated(self.user)
        return found

    def filter_queryset(self, queryset: QuerySet[Mediation, Any]) -> QuerySet[Mediation, Any]:
        found = listing.with_dockets(super().filter_queryset(queryset))
        return found.annotate(sort_key=F("case__opened_at"))


def _registered(values: dict[str, Any], by: Post) -> Case:
    """The dispute that a body describes; raises Incomplete naming what is wrong, of the parties too."""
    given = list(values.pop("parties", []))
    form = EntryForm(values, by=by)
    parties = [PartyForm(row) for row in given[: MOST_PARTIES + 1]]
    errors = {
        f"parties[{n}].{name}": told for n, one in enumerate(parties) for name, told in _errors(one).items()
    }
    for n, row in enumerate(given):
        for name in sorted(set(row) - set(PARTY_KINDS)):
            errors[f"parties[{n}].{name}"] = [_("没有这一项。")]
    if len(given) > MOST_PARTIES:
        errors["parties"] = [_("当事人最多 %(n)s 名。") % {"n": MOST_PARTIES}]
    if form.is_valid() and not errors:
        check_together(form, [one.cleaned_data for one in parties])
    errors |= _errors(form)
    if errors:
        raise Incomplete(_("有内容需要补充或改正。"), errors=errors)
    return services.register(entry_of(form, [one.cleaned_data for one in parties]), by=by)


def _errors(form: Any) -> dict[str, list[str]]:
    """By field; what concerns several is about the parties."""
    return {
        "parties" if name == "__all__" else name: [str(one) for one in told]
        for name, told in form.errors.items()
    }


class MediationView(View):
    """One dispute. A look at a sensitive one leaves an entry in its record."""

    @extend_schema(operation_id="mediations_retrieve", responses=WholeMediationSerializer)
    def get(self, request: Request, number: str) -> Response:
        facts = Facts(self.user, self.posts, number)
        self.look(facts.case)
        return Response(facts.as_json(request))


REVEALED = inline_serializer(
    "MediationRevealed",
    {
        "party1.name": serializers.CharField(
            required=False, help_text="By `party` or `rep`, its id, and what it is."
        )
    },
)


class RevealView(RevealOf):
    """Whole names, numbers, telephones and addresses of the parties, to those who handle the dispute, for a reason."""

    KIND = KIND

    @extend_schema(operation_id="mediations_reveal", request=REASON, responses=REVEALED)
    def post(self, request: Request, number: str) -> Response:
        return self.shown(request, number)


class FiguresView(View):
    """Statistics in the ministry's way."""

    @extend_schema(
        operation_id="mediations_figures",
        parameters=[
            OpenApiParameter(
                "group", OpenApiTypes.STR, enum=list(GROUPS), description="By kind when left out."
            ),
            OpenApiParameter("since", OpenApiTypes.DATE, description="This year's first day when left out."),
            OpenApiParameter("until", OpenApiTypes.DATE, description="This year's last day when left out."),
        ],
        responses=MediationFigureSerializer(many=True),
        description="One line for each member of the group, then the total with an empty `code`.",
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params
        year = Period.of_year(clock.today().year)
        group = asked.get("group", "kind")
        if group not in GROUPS:
            message = _("没有这种分组。")
            raise Incomplete(message, errors={"group": [message]})
        period = Period(_day(asked, "since", year.first), _day(asked, "until", year.last))
        lines = [*figures.by(self.user, period, group), figures.total(self.user, period)]
        return Response(MediationFigureSerializer(lines, many=True).data)


def _day(asked: Any, name: str, default: date) -> date:
    if name not in asked:
        return default
    try:
        return date.fromisoformat(asked[name])
    except ValueError:
        message = _("要填日期，例如 2026-11-22。")
        raise Incomplete(message, errors={name: [message]}) from None
