"""An action on a case, or on a row of it: one address for all of them, its form on GET, done once on POST.

Each kind binds these pages to itself with a `KindPages`; what may be done, and by whom, stands in its table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseNotModified, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.guards import signed_in
from accounts.http import PostRequest
from accounts.models import Post, User
from cases import actions, outlook, workflow
from cases.action_form import ActionForm
from cases.casefile import CaseFile
from cases.doors import acting
from cases.errors import CaseError, Incomplete, NotFound, WrongState
from cases.idempotency import new_key, page_once
from cases.loaders import get_case
from cases.models import Case
from cases.tables import SubRow, Transition
from cases.timeline import entries_of, events_of

View = Callable[..., HttpResponseBase]
# Reads a row of a case by its id; raises NotFound for an id of no row or of another case's.
SubjectOf = Callable[[Case, int], SubRow]


@dataclass(frozen=True, slots=True)
class KindPages:
    """What the shared pages must know of a kind.

    `casefile`: reads a case for its page. `whole`: the template of a case brought anew after an action. `live`: that of
    its parts that change. `home`: the name of the page to go to when an action has ended the view of the case.
    `subjects`: how a row of a case is read, by the name of its table, which stands in its address.
    """

    kind: str
    casefile: Callable[[User, Post, str], CaseFile]
    whole: str
    live: str
    home: str
    subjects: Mapping[str, SubjectOf] = field(default_factory=dict)

    def file(self, request: PostRequest, number: str) -> CaseFile:
        """The case as the person may see it under the post acted under; raises NotFound."""
        return self.casefile(request.user, acting(request), number)

    def subject(self, case: Case, table: str, pk: int) -> SubRow | None:
        """The row named in an address, None where none is; raises NotFound."""
        if not table:
            return None
        if table not in self.subjects:
            raise NotFound(_("没有这个操作。"))
        return self.subjects[table](case, pk)


def action_page(pages: KindPages) -> View:
    """The page of an action: `<number>/<action>/`, and of a row `<number>/<table>/<pk>/<action>/`."""

    @require_http_methods(["GET", "POST"])
    @signed_in
    def action(request: PostRequest, number: str, action: str, table: str = "", pk: int = 0) -> HttpResponse:
        page = _Page(pages, request, number, action, table, pk)
        return page.do() if request.method == "POST" else page.show()

    return action


def why_not_page(pages: KindPages) -> View:
    """What cannot be done now, and why."""

    @require_GET
    @signed_in
    def why_not(request: PostRequest, number: str) -> HttpResponse:
        file = pages.file(request, number)
        context = {"file": file, "case": file.case, "refusals": outlook.refusals(file.case, file.post)}
        template = "components/why_not.html" if request.headers.get("HX-Request") else "cases/why_not.html"
        return render(request, template, context)

    return why_not


def live_page(pages: KindPages) -> View:
    """The parts that change, for a page that stands open; 304 when nothing has happened."""

    @require_GET
    @signed_in
    def live(request: PostRequest, number: str) -> HttpResponse:
        file = pages.file(request, number)
        if request.headers.get("If-None-Match") == file.etag:
            return HttpResponseNotModified(headers={"ETag": file.etag})
        answer = render(request, pages.live, {"file": file, "case": file.case, "oob": True})
        answer["ETag"] = file.etag
        answer["Cache-Control"] = "private, no-cache"
        return answer

    return live


class _Page:
    """One request to the page of an action."""

    def __init__(
        self, pages: KindPages, request: PostRequest, number: str, action: str, table: str, pk: int
    ) -> None:
        self.pages, self.request, self.number, self.action = pages, request, number, action
        self.table, self.pk = table, pk
        self.swap = request.headers.get("HX-Request") == "true"

    def show(self) -> HttpResponse:
        """What the action needs, and what follows."""
        file, subject = self._now()
        row = actions.row_for(file.case, self.action, file.post, subject=subject)
        form = actions.empty_form(file.case, row, file.post, subject=subject)
        return self._form(file, subject, row, form)

    def do(self) -> HttpResponse:
        """Do it once; or say what is missing, or who was quicker."""
        try:
            address = page_once(self.request, self.request.user, self._do)
        except WrongState as error:
            return self._conflict(error)
        except Incomplete as error:
            if error.code != Incomplete.code:
                raise
            return self._again(error)
        return self._done(address)

    def _now(self) -> tuple[CaseFile, SubRow | None]:
        """The case as it stands, with the row that the address names."""
        file = self.pages.file(self.request, self.number)
        return file, self.pages.subject(file.case, self.table, self.pk)

    def _do(self) -> tuple[str, Case | None]:
        """Where to go next: to the case, or home when the action has ended the view of it."""
        user, by = self.request.user, acting(self.request)
        case = get_case(user, self.number, kind=self.pages.kind)
        subject = self.pages.subject(case, self.table, self.pk)
        event = actions.do(self.request, by, case, self.action, subject=subject)
        messages.success(self.request, actions.said(case, event, subject=subject))
        if Case.objects.visible_to(user).filter(pk=case.pk).exists():
            return case.get_absolute_url(), case
        return reverse(self.pages.home), None

    def _done(self, address: str) -> HttpResponse:
        """The case anew in place of the old one on its own page; elsewhere on to the next page."""
        if not self.swap:
            return HttpResponseRedirect(address, status=303)
        here = urlsplit(self.request.headers.get("HX-Current-URL", "")).path
        if here != address:
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        file = self.pages.file(self.request, self.number)
        return render(self.request, self.pages.whole, {"file": file, "case": file.case, "done": True})

    def _again(self, error: Incomplete) -> HttpResponse:
        file, subject = self._now()
        row = actions.row_for(file.case, self.action, file.post, subject=subject)
        form = actions.form_again(self.request, file.case, row, file.post, error, subject=subject)
        return self._form(file, subject, row, form, status=422)

    def _form(
        self, file: CaseFile, subject: SubRow | None, row: Transition, form: ActionForm, status: int = 200
    ) -> HttpResponse:
        template = "components/action_form.html" if self.swap else "cases/action.html"
        return render(self.request, template, form_context(file, row, form, subject), status=status)

    def _conflict(self, error: WrongState) -> HttpResponse:
        """Somebody was quicker: what they did, where the case stands, and what was typed, kept."""
        file, subject = self._now()
        since = self.request.POST.get("since", "")
        after = int(since) if since.isdecimal() and len(since) < 9 else file.case.last_seq
        events = events_of(file.case, inner=file.inner, after=after)
        context: dict[str, object] = {
            "file": file,
            "case": file.case,
            "error": error,
            "meanwhile": entries_of(file.case, events, [], self.request.user)[::-1],
            "kept": actions.kept_words(self.request, file.case, self.action, subject=subject),
        }
        try:
            row = actions.row_for(file.case, self.action, file.post, subject=subject)
        except CaseError:
            row = None  # the action is over: its words are kept to be copied
        if row is not None:
            form = actions.form_again(self.request, file.case, row, file.post, None, subject=subject)
            context |= form_context(file, row, form, subject)
        template = "cases/_conflict.html" if self.swap else "cases/conflict.html"
        return render(self.request, template, context, status=409)


def form_context(
    file: CaseFile, row: Transition, form: ActionForm, subject: SubRow | None = None
) -> dict[str, object]:
    """What `components/action_form.html` and the page around it read."""
    return {
        "file": file,
        "case": file.case,
        "form": form,
        "label": row.label,
        "about": workflow.name_of(subject),
        "url": file.action_url(row.action, subject),
        "follows": outlook.follows(file.case, row, subject=subject),
        "seen": file.seen_of(subject),
        "since": file.case.last_seq,
        "key": new_key(),
        "post": file.post,
        "cancel_url": file.case.get_absolute_url(),
    }
