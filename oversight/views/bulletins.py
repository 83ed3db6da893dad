"""Bulletins and rankings: the list, one of them, its review by the committee, and its files."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import PostRequest
from accounts.models import Post
from accounts.roles import Role
from cases.doors import acting, for_cases
from cases.errors import NotFound
from grids.models import Division
from oversight import bulletin_files, bulletins
from oversight.bulletins import MOST_WORDS, PARTS
from oversight.models import Bulletin, BulletinState

WORKERS_SHOWN: Final = 20  # of a ranking of workers, to those who do not watch over all of them


class WordsForm(forms.Form):
    """The words of a bulletin, part by part."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, label in PARTS.items():
            self.fields[name] = forms.CharField(
                label=label, required=False, max_length=MOST_WORDS, widget=forms.Textarea(attrs={"rows": 5})
            )


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
    rows = [(one, bulletin_files.title_of(one)) for one in visible_to(acting(request))]
    return render(request, "oversight/bulletins.html", {"rows": rows})


@require_GET
@for_cases
def page(request: PostRequest, pk: int) -> HttpResponse:
    """One bulletin; its committee finds the review beside a draft."""
    post = acting(request)
    bulletin = _found(post, pk)
    return _shown(request, post, bulletin, WordsForm(initial=bulletin.words), 200)


def _shown(
    request: PostRequest, post: Post, bulletin: Bulletin, form: WordsForm, status: int
) -> HttpResponse:
    context = {
        "bulletin": bulletin,
        "title": bulletin_files.title_of(bulletin),
        "parts": [(label, bulletin.words.get(name, "")) for name, label in PARTS.items()],
        "tables": [_for_reader(post, table) for table in bulletin.figures["tables"]],
        "form": form if _reviews(post, bulletin) else None,
        "entries": bulletin.entries.select_related("post__user") if _reviews(post, bulletin) else [],
    }
    return render(request, "oversight/bulletin.html", context, status=status)


def _reviews(post: Post, bulletin: Bulletin) -> bool:
    draft = bulletin.state == BulletinState.DRAFT
    return draft and post.role == Role.COMMITTEE and post.division_id == bulletin.place_id


def own_keys(post: Post) -> set[str]:
    """The lines of a ranking that are a post's own: its worker, its department, its township."""
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


@require_POST
@for_cases
def reword(request: PostRequest, pk: int) -> HttpResponse:
    """The committee's words."""
    post = acting(request)
    bulletin = _found(post, pk)
    form = WordsForm(request.POST)
    if not form.is_valid():
        return _shown(request, post, bulletin, form, 422)
    bulletins.reword(bulletin, form.cleaned_data, by=post)
    messages.success(request, _("文字已保存。"))
    return redirect(bulletin.get_absolute_url())


@require_POST
@for_cases
def count_again(request: PostRequest, pk: int) -> HttpResponse:
    """The figures of a draft as they are now."""
    post = acting(request)
    bulletin = bulletins.count_again(_found(post, pk), by=post)
    messages.success(request, _("数字已重新计算。"))
    return redirect(bulletin.get_absolute_url())


@require_POST
@for_cases
def release(request: PostRequest, pk: int) -> HttpResponse:
    """Everybody sees it from now on."""
    post = acting(request)
    bulletin = bulletins.release(_found(post, pk), by=post)
    messages.success(request, _("已发布。文字和数字不再改变。"))
    return redirect(bulletin.get_absolute_url())


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
