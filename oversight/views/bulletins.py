"""Bulletins and rankings: the list, one of them, its review by the committee, and its files."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import PostRequest
from accounts.models import Post
from accounts.roles import Role
from cases.doors import acting, for_cases
from cases.errors import CaseError, Incomplete, NotFound, WrongState
from grids.models import Division
from oversight import bulletin_files, bulletins
from oversight.bulletins import MOST_WORDS, PARTS
from oversight.models import Bulletin, BulletinKind, BulletinState
from oversight.models.bulletins import MOST_VILLAGES

WORKERS_SHOWN: Final = 20  # of a ranking of workers, to those who do not watch over all of them


ROWS_SHOWN: Final = 10  # of a long table, before one asks for the others
ROWS_FOLDED: Final = 40  # of these, at most, in the same page; a ranking of workers has thousands
ROWS_PAGE: Final = 100  # of a table on a page of its own

# What the buttons of the review do, and what is said when it is done.
DONE: Final = {
    "save": gettext_lazy("已保存。"),
    "count": gettext_lazy("已保存，数字已重新计算。"),
    "release": gettext_lazy("已发布。文字和数字不再改变。"),
}


class Words(forms.CharField):
    """A long text; a browser sends two characters for the end of a line, which a person counts as one."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


class ReviewForm(forms.Form):
    """What the committee writes on a draft: its words part by part, and of project money how much and for how many."""

    def __init__(self, bulletin: Bulletin, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if bulletin.kind == BulletinKind.VILLAGES:
            self.fields["fund"] = forms.DecimalField(
                label=_("资金总额（元）"), required=False, min_value=Decimal("0.01"), max_digits=14,
                decimal_places=2, help_text=_("按得分的比例分给前几名。可以先不填，发布前要填。"),
            )  # fmt: skip
            self.fields["villages"] = forms.IntegerField(
                label=_("分给前多少名"), min_value=1, max_value=MOST_VILLAGES,
                help_text=_("最后一名有并列的，名次相同的都参加。"),
            )  # fmt: skip
        for name, label in PARTS.items():
            self.fields[name] = Words(
                label=label, required=False, max_length=MOST_WORDS, widget=forms.Textarea(attrs={"rows": 5})
            )


def _written(bulletin: Bulletin) -> dict[str, Any]:
    """What stands on a draft already."""
    return {"fund": bulletin.fund, "villages": bulletin.villages, **bulletin.words}


def visible_to(post: Post) -> QuerySet[Bulletin]:
    """Released ones of the places above a post's office, and the drafts of the committee's own place."""
    seat = post.department.division if post.department else post.division
    above = [place.pk for place in seat.chain] if seat is not None else []
    found = Bulletin.objects.filter(place__in=above).select_related("place", "released_by__user")
    if post.role == Role.COMMITTEE:
        return found.filter(state=BulletinState.RELEASED) | found.filter(place=post.division)
    return found.filter(state=BulletinState.RELEASED)


def _found(post: Post, pk: int) -> Bulletin:
    bulletin = visible_to(post).filter(pk=pk).first()
    if bulletin is None:
        raise NotFound(_("没有这份通报，或者还没有发布。"))
    return bulletin


@require_GET
@for_cases
def index(request: PostRequest) -> HttpResponse:
    """All that the post may read, the newest first."""
    # The figures are megabytes, of which the list shows nothing.
    found = visible_to(acting(request)).defer("figures", "words")
    rows = [(one, bulletin_files.title_of(one)) for one in found]
    return render(request, "oversight/bulletins.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@for_cases
def page(request: PostRequest, pk: int) -> HttpResponse:
    """One bulletin; its committee finds the review beside a draft, and sends it here."""
    post = acting(request)
    if request.method == "POST":
        return _review(request, post, pk)
    # Before the bulletin is read: what comes in between is refused later, not written over.
    seen = bulletins.seen_of(pk)
    bulletin = _found(post, pk)
    return _shown(request, post, bulletin, ReviewForm(bulletin, initial=_written(bulletin)), seen)


def _review(request: PostRequest, post: Post, pk: int) -> HttpResponse:
    """Every button saves what is written; a refusal brings all of it back."""
    bulletin = _found(post, pk)
    bulletins.check_reviewer(bulletin, post)
    do = request.POST.get("do", "")
    do = do if do in DONE else "save"
    seen = request.POST.get("seen", "")
    form = ReviewForm(bulletin, request.POST)
    if not form.is_valid() and bulletin.state == BulletinState.DRAFT:
        return _shown(request, post, bulletin, form, seen, 422)
    try:
        bulletins.review(bulletin, form.cleaned_data, by=post, seen=seen, then=do)
    except (WrongState, Incomplete) as error:
        seen = bulletins.seen_of(pk) if isinstance(error, WrongState) else seen
        _refuse(form, error)
        return _shown(request, post, _found(post, pk), form, seen, error.status)
    messages.success(request, DONE[do])
    return redirect(bulletin.get_absolute_url())


def _refuse(form: ReviewForm, error: CaseError) -> None:
    """Write a refusal beside the fields that it names, else above all of them."""
    errors = error.errors if isinstance(error, Incomplete) else {None: [str(error)]}
    for name, found in errors.items():
        for message in found:
            form.add_error(name, message)


def _shown(
    request: PostRequest, post: Post, bulletin: Bulletin, form: ReviewForm, seen: str, status: int = 200
) -> HttpResponse:
    reviews = _reviews(post, bulletin)
    context = {
        "bulletin": bulletin,
        "title": bulletin_files.title_of(bulletin),
        "parts": [(label, bulletin.words.get(name, "")) for name, label in PARTS.items()],
        "tables": [_parted(_for_reader(post, table)) for table in bulletin.figures["tables"]],
        "form": form,
        "reviews": reviews,
        "unsaved": [] if reviews else _unsaved(form, bulletin),
        "seen": seen,
        "entries": bulletin.entries.select_related("post__user") if reviews else [],
    }
    return render(request, "oversight/bulletin.html", context, status=status)


def _unsaved(form: ReviewForm, bulletin: Bulletin) -> list[tuple[str, str]]:
    """What was written too late: somebody else had released the bulletin."""
    if not form.is_bound:
        return []
    found = []
    for name, label in PARTS.items():
        words = form.data.get(name, "").replace("\r\n", "\n").strip()
        if words and words != bulletin.words.get(name, ""):
            found.append((str(label), words))
    return found


def _parted(table: dict[str, Any]) -> dict[str, Any]:
    """A table as `shown` and `folded` rows: of places, offices and people the first, the reader's own and the sum.

    `elsewhere`: how many rows it has on its own page, when the folded ones are too many for this one.
    """
    rows = table["rows"]
    folds = any("key" in row for row in rows)
    first = [
        not folds or number < ROWS_SHOWN or row["own"] or row.get("total") for number, row in enumerate(rows)
    ]
    folded = [row for row, kept in zip(rows, first, strict=True) if not kept]
    many = len(folded) > ROWS_FOLDED
    return table | {
        "shown": [row for row, kept in zip(rows, first, strict=True) if kept],
        "folded": [] if many else folded,
        "elsewhere": len(rows) if many else 0,
    }


def _reviews(post: Post, bulletin: Bulletin) -> bool:
    draft = bulletin.state == BulletinState.DRAFT
    return draft and post.role == Role.COMMITTEE and post.division_id == bulletin.place_id


def own_keys(post: Post) -> set[str]:
    """The lines that are a post's own: its worker, its department, its village and township."""
    seat: Division | None = post.division
    found = {f"p{post.pk}", f"d{post.department_id}"}
    return found | {place.code for place in (seat.chain if seat else [])}


def _for_reader(post: Post, table: dict[str, Any]) -> dict[str, Any]:
    """A table with the reader's own lines marked; of workers only the first, and the reader's own."""
    own = own_keys(post)
    rows = [row | {"own": row.get("key") in own} for row in table["rows"]]
    if table.get("target") == "worker" and post.role not in (Role.COMMITTEE, Role.CENTRE):
        rows = [row for row in rows if row["own"] or (row["rank"] or WORKERS_SHOWN + 1) <= WORKERS_SHOWN]
    return table | {"rows": rows}


@require_GET
@for_cases
def table_page(request: PostRequest, pk: int, number: int) -> HttpResponse:
    """One table of a bulletin, page by page, and found in by name. `number`: which, from 1."""
    bulletin = _whole(acting(request), pk)
    tables = bulletin.figures["tables"]
    if not 1 <= number <= len(tables):
        raise Http404
    table, sought = tables[number - 1], request.GET.get("q", "").strip()
    rows = [row for row in table["rows"] if sought in row["label"]]
    context = {
        "bulletin": bulletin,
        "title": bulletin_files.title_of(bulletin),
        "table": table,
        "page": Paginator(rows, ROWS_PAGE).get_page(request.GET.get("page")),
        "sought": sought,
    }
    return render(request, "oversight/bulletin_table.html", context)


@require_GET
@for_cases
def pdf(request: PostRequest, pk: int) -> HttpResponse:
    """The paper, as this reader sees the tables."""
    bulletin = _whole(acting(request), pk)
    answer = HttpResponse(bulletin_files.pdf(bulletin), content_type="application/pdf")
    name = f"{bulletin_files.title_of(bulletin)}.pdf"
    answer["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_GET
@for_cases
def excel(request: PostRequest, pk: int) -> HttpResponseBase:
    """The tables as an Excel book."""
    bulletin = _whole(acting(request), pk)
    name = f"{bulletin_files.title_of(bulletin)}.xlsx"
    return FileResponse(bulletin_files.book(bulletin), as_attachment=True, filename=name)


def _whole(post: Post, pk: int) -> Bulletin:
    """The bulletin as this post may have it on paper: with its own view of the tables."""
    bulletin = _found(post, pk)
    bulletin.figures = bulletin.figures | {
        "tables": [_for_reader(post, table) for table in bulletin.figures["tables"]]
    }
    return bulletin
