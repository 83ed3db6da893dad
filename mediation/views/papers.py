"""The papers of a dispute, made as PDF or Word; and the templates by which they are made."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.guards import signed_in
from accounts.http import PostRequest
from accounts.roles import Role
from cases import documents
from cases.doors import acting, for_cases
from cases.errors import NotAllowed, NotFound
from cases.filetypes import DOCX, BadFile
from mediation.casefile import MediationFile
from mediation.choices import Side
from mediation.models import PaperTemplate
from mediation.papers import printing, shelf
from mediation.papers.facts import PaperFacts
from mediation.papers.shelf import Shelf
from mediation.papers.template import WrongTemplate


class PrintForm(forms.Form):
    """How papers are to be made. Cleaned side: its number, or None for everything."""

    reason = forms.CharField(
        label=_("写完整姓名和号码的原因"), required=False, max_length=200,
        help_text=_("例如：制作协议书请各方签字。不填，姓名、证件号、电话和住址都遮住一部分。"),
    )  # fmt: skip
    side = forms.TypedChoiceField(
        label=_("给谁"), required=False, coerce=int, empty_value=None,
        choices=[("", _("卷宗（全部材料）")), *Side.choices], help_text=_("给一方的，只含可以给这一方看的材料。"),
    )  # fmt: skip


@require_GET
@signed_in
def papers(request: PostRequest, number: str) -> HttpResponse:
    """Which papers there are now."""
    file = MediationFile(request.user, acting(request), number)
    printing.check_maker(file.case, file.post)
    return _papers(request, file, PrintForm())


def _papers(request: PostRequest, file: MediationFile, form: forms.Form, status: int = 200) -> HttpResponse:
    with translation.override(printing.PAPERS_IN):
        stand = Shelf(PaperFacts(file.case))
        found = [*stand.papers(), *stand.forms(), *stand.around()]
    sides = {row.row.side for row in file.parties}
    field: Any = form.fields["side"]
    field.choices = [choice for choice in field.choices if choice[0] == "" or choice[0] in sides]
    context = {"file": file, "case": file.case, "papers": found, "form": form, "missing": file.missing}
    return render(request, "mediation/papers.html", context, status=status)


@never_cache
@require_POST
@signed_in
def make(request: PostRequest, number: str) -> HttpResponse:
    """One paper, or the whole file: "agreement-0.docx", "file.pdf"."""
    file = MediationFile(request.user, acting(request), number)
    form = PrintForm(request.POST)
    if not form.is_valid():
        return _papers(request, file, form, status=422)
    key, _dot, kind = request.POST.get("paper", "").partition(".")
    data = form.cleaned_data
    made = printing.make(file.case, key, kind, by=file.post, reason=data["reason"], side=data["side"])
    answer = HttpResponse(made.content, content_type=made.content_type)
    answer["Content-Disposition"] = content_disposition_header(kind == DOCX.ending, made.name) or ""
    answer["Cache-Control"] = "private, no-store"
    return answer


# --- templates

EDITORS = (Role.CENTRE, Role.MEDIATOR)


class TemplateForm(forms.Form):
    """A template to be uploaded. Cleaned content: its bytes."""

    content = forms.FileField(label=_("模板文件（TXT 或 DOCX）"))
    note = forms.CharField(label=_("改了什么"), max_length=200)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        given = data.get("content")
        if given is None:
            return data
        kind = str(given.name or "").rpartition(".")[2].lower()
        if kind not in shelf.MOST_BYTES:
            self.add_error("content", _("请上传 TXT（PDF 用）或者 DOCX（Word 用）文件。"))
        elif given.size > shelf.MOST_BYTES[kind]:
            self.add_error("content", _("文件太大，请去掉图片后再上传。"))
        else:
            data["format"], data["bytes"] = kind, given.read()
            self._check(kind, data["bytes"])
        return data

    def _check(self, kind: str, content: bytes) -> None:
        try:
            if kind == shelf.WORD and documents.check_office(content) is not DOCX:
                self.add_error("content", _("请上传 TXT（PDF 用）或者 DOCX（Word 用）文件。"))
            elif not content.strip():
                self.add_error("content", _("文件是空的。"))
            else:
                shelf.tried(kind, content)
        except UnicodeDecodeError:
            self.add_error("content", _("TXT 文件要存为 UTF-8 编码。"))
        except BadFile as error:
            self.add_error("content", str(error))
        except WrongTemplate as error:
            self.add_error("content", _("模板填不出来：%(error)s") % {"error": error})


def _code(code: str) -> str:
    if code not in shelf.codes():
        raise NotFound(_("没有这种文书。"))
    return code


def _editor(request: PostRequest) -> bool:
    """Whether the post may change templates; raises NotAllowed for one that has nothing to do with papers."""
    post = acting(request)
    if post.role not in EDITORS:
        raise NotAllowed(_("文书模板由最上一级的综治中心修改，调解员可以下载查看。"))
    return shelf.edits(post)


def _uploaded(code: str) -> dict[str, PaperTemplate | None]:
    """By format the version that an office uploaded and that stands."""
    return {form: shelf.standing(code, form) for form in shelf.MOST_BYTES}


@require_GET
@for_cases
def templates(request: PostRequest) -> HttpResponse:
    """Every template with the version that stands."""
    may_edit = _editor(request)
    rows = [(code, name, *_uploaded(code).values()) for code, name in shelf.codes().items()]
    return render(request, "mediation/templates.html", {"rows": rows, "may_edit": may_edit})


@require_http_methods(["GET", "POST"])
@for_cases
def template(request: PostRequest, code: str) -> HttpResponse:
    """The versions of one template, and the form for another."""
    may_edit, code = _editor(request), _code(code)
    form = TemplateForm()
    if request.method == "POST":
        post = shelf.check_editor(acting(request))
        if "stock" in request.POST:
            kind = shelf.WORD if request.POST["stock"] == shelf.WORD else shelf.TEXT
            shelf.upload(code, kind, b"", note=str(_("恢复原始模板")), by=post)
            return redirect("mediation:template", code)
        form = TemplateForm(request.POST, request.FILES)
        if form.is_valid():
            data = form.cleaned_data
            shelf.upload(code, data["format"], data["bytes"], note=data["note"], by=post)
            return redirect("mediation:template", code)
    versions = (
        PaperTemplate.objects.filter(paper=code)
        .select_related("uploaded_by__user")
        .order_by("-uploaded_at", "-pk")
    )
    context = {
        "code": code, "name": shelf.codes()[code], "form": form, "versions": versions, "may_edit": may_edit,
        "uploaded": _uploaded(code),
    }  # fmt: skip
    return render(request, "mediation/template.html", context, status=422 if form.errors else 200)


@require_GET
@for_cases
def template_file(request: PostRequest, code: str, kind: str) -> HttpResponse:
    """A template as a file: the one that stands, or with ?version= an older one."""
    _editor(request)
    code = _code(code)
    wanted = request.GET.get("version", "")
    if wanted:
        known = wanted.isascii() and wanted.isdigit() and len(wanted) < 9
        row = (
            PaperTemplate.objects.filter(paper=code, format=kind, version=int(wanted)).first()
            if known
            else None
        )
        if row is None or not row.content:
            raise NotFound(_("没有这个版本。"))
        content, version = bytes(row.content), f"{kind} {row.version}"
    elif kind == shelf.WORD:
        content, version = shelf.word_template(code)
    elif kind == shelf.TEXT:
        text, version = shelf.text_template(code)
        content = text.encode()
    else:
        raise NotFound(_("没有这种文书。"))
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["Content-Disposition"] = (
        content_disposition_header(True, f"{code} {version.split()[1]}.{kind}") or ""
    )
    return answer
