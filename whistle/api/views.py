"""The ledger, one whistle, its summonses, the negative list and the figures in the API."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from cases import workflow
from cases.api import View
from cases.api_body import read
from cases.api_fields import ALWAYS, body_of
from cases.api_filters import StrictFilters
from cases.api_pages import Pages
from cases.errors import Incomplete, NotFound
from cases.idempotency import Done, idempotent
from grids import clock
from whistle import arrival, figures, ledger, services
from whistle.api.facts import Facts
from whistle.api.fields import ACTION_KINDS, DRAFT_KINDS, DRAFT_NEEDS, HELP
from whistle.api.shapes import (
    ContactSerializer,
    EntrySerializer,
    FigureSerializer,
    ListedEntrySerializer,
    SummonsSerializer,
    WhistleSerializer,
    WholeWhistleSerializer,
    contact_now,
)
from whistle.draft_form import DraftForm
from whistle.filters import EntryFilter, WhistleFilter
from whistle.models import NegativeEntry, Whistle
from whistle.rows import summons_of

DRAFT = {"application/json": body_of("WhistleDraft", DRAFT_KINDS, DRAFT_NEEDS, files=False, words=HELP)}


class WhistleListView(View, ListAPIView[Whistle]):
    """The ledger as the caller sees it, and drafting a whistle."""

    queryset = Whistle.objects.none()  # what there is to see depends on the caller
    filter_backends = (StrictFilters,)
    filterset_class = WhistleFilter
    pagination_class = Pages
    serializer_class = WhistleSerializer

    @extend_schema(
        operation_id="whistles_list",
        description="The whistles within the caller's posts, the last sounded (or drafted) first. `state` may be "
        "repeated; `department` is the id of a department named; `outcome` how it (without `department`: any of them) "
        "answered and `tasks` whether it claimed any; `running` and "
        "`open` narrow to those under way.",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="whistles_draft",
        request=DRAFT,
        responses={201: WholeWhistleSerializer},
        description="Write a whistle down as a draft, as the centre of a township or of a village. Nobody is told yet.",
    )
    @idempotent
    def post(self, request: Request) -> Done:
        mine = (post for post in self.posts if post.role in services.WHISTLERS)
        by = services.check_whistler(next(mine, None))
        form = DraftForm(read(request, DRAFT_KINDS).values, by=by)
        if not form.is_valid():
            errors = {name: [str(one) for one in messages] for name, messages in form.errors.items()}
            raise Incomplete(_("有内容需要补充或改正。"), errors=errors)
        case = services.draft(form.facts, by=by)
        return Done(201, Facts(self.user, self.posts, case.number).as_json(request), case)

    def get_queryset(self) -> QuerySet[Whistle]:
        return Whistle.objects.visible_to(self.user)

    def filter_queryset(self, queryset: QuerySet[Whistle, Any]) -> QuerySet[Whistle, Any]:
        return ledger.by_newest(ledger.with_rows(super().filter_queryset(queryset)))


class WhistleView(View):
    """One whistle."""

    @extend_schema(operation_id="whistles_retrieve", responses=WholeWhistleSerializer)
    def get(self, request: Request, number: str) -> Response:
        facts = Facts(self.user, self.posts, number)
        self.look(facts.case)
        return Response(facts.as_json(request))


class SummonsListView(View):
    """The departments of one whistle."""

    @extend_schema(operation_id="whistles_summons_list", responses=SummonsSerializer(many=True))
    def get(self, request: Request, number: str) -> Response:
        facts = Facts(self.user, self.posts, number)
        context = {"request": request, "posts": self.posts}
        return Response(SummonsSerializer(facts.summonses, many=True, context=context).data)


class SummonsView(View):
    """One department of one whistle."""

    @extend_schema(operation_id="whistles_summons_retrieve", responses=SummonsSerializer)
    def get(self, request: Request, number: str, pk: int) -> Response:
        row = summons_of(Facts(self.user, self.posts, number).case, pk)
        return Response(SummonsSerializer(row, context={"request": request, "posts": self.posts}).data)


class EntryListView(View, ListAPIView[NegativeEntry]):
    """The negative list as the caller sees it."""

    queryset = NegativeEntry.objects.none()
    filter_backends = (StrictFilters,)
    filterset_class = EntryFilter
    pagination_class = Pages
    serializer_class = ListedEntrySerializer

    @extend_schema(
        operation_id="negative_entries_list",
        description="The last proposed first; what may be done with one is said at its own address. Actions on an entry are done at its whistle: "
        "`whistles/{number}/negative_entry/{id}/{action}/`, or at `negative-entries/{id}/{action}/`.",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[NegativeEntry]:
        return NegativeEntry.objects.visible_to(self.user)

    def filter_queryset(self, queryset: QuerySet[NegativeEntry, Any]) -> QuerySet[NegativeEntry, Any]:
        found = super().filter_queryset(queryset)
        return found.select_related(
            "summons__case__place__parent", "summons__case__office", "summons__department", "confirmed_by"
        ).annotate(sort_key=F("proposed_at"))


def entry_seen(view: View, pk: int) -> NegativeEntry:
    """An entry that the caller may see; raises NotFound."""
    found = NegativeEntry.objects.visible_to(view.user).with_whistle().filter(pk=pk).first()
    if found is None:
        raise NotFound(_("没有找到这一项，请刷新页面后再看。"))
    return found


class EntryView(View):
    """One entry of the negative list."""

    @extend_schema(operation_id="negative_entries_retrieve", responses=EntrySerializer)
    def get(self, request: Request, pk: int) -> Response:
        context = {"request": request, "posts": self.posts}
        return Response(EntrySerializer(entry_seen(self, pk), context=context).data)


ENTRY_ROWS = [row for row in workflow.of(NegativeEntry.TABLE).rows if not row.system]
ENTRY_FIELDS = {name: ACTION_KINDS[name] for row in ENTRY_ROWS for name in row.fields}


class EntryActionView(View):
    """Doing an action on an entry of the negative list."""

    @extend_schema(
        operation_id="negative_entries_act",
        parameters=[
            OpenApiParameter(
                "action", OpenApiTypes.STR, OpenApiParameter.PATH, enum=sorted({r.action for r in ENTRY_ROWS})
            )
        ],
        request={
            "application/json": body_of("NegativeEntryActed", ENTRY_FIELDS, (), files=False, words=HELP),
            "multipart/form-data": body_of(
                "NegativeEntryActedForm", ENTRY_FIELDS, (), files=True, words=HELP
            ),
        },
        responses=EntrySerializer,
        description="The same as `whistles/{number}/negative_entry/{id}/{action}/`; answers with the entry.",
    )
    @idempotent
    def post(self, request: Request, pk: int, action: str) -> Done:
        entry = entry_seen(self, pk)
        case = entry.case
        by = workflow.pick_post(case, action, self.posts, subject=entry)
        sent = read(request, {**ALWAYS, **ENTRY_FIELDS})
        workflow.advance(case, action, by=by, data=sent.values, files=sent.files, subject=entry)
        context = {"request": request, "posts": self.posts}
        return Done(200, dict(EntrySerializer(entry_seen(self, pk), context=context).data), case)


YEAR = OpenApiParameter("year", OpenApiTypes.INT, description="This year when left out.")


class FiguresView(View):
    """Each department's year, for the yearly assessment."""

    @extend_schema(operation_id="whistles_figures", parameters=[YEAR], responses=FigureSerializer(many=True))
    def get(self, request: Request) -> Response:
        said = request.query_params.get("year", str(clock.today().year))
        if not (said.isascii() and said.isdecimal() and len(said) == 4 and int(said) >= 2000):
            message = _("要填四位的年份。")
            raise Incomplete(message, errors={"year": [message]})
        return Response(FigureSerializer(figures.of_year(self.user, int(said)), many=True).data)


class ContactView(View):
    """The server's instant, signed, for a program that may lose its line before somebody presses."""

    @extend_schema(operation_id="whistles_contact", responses=ContactSerializer)
    def get(self, request: Request) -> Response:
        answer = contact_now(arrival.contact(clock.now()))
        return Response(ContactSerializer(answer).data, headers={"Cache-Control": "no-store"})
