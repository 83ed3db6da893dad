"""Pages that show every piece, with made-up matters. Only tests reach them; no product page is built here."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.utils import translation
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw

from accounts.models import Post, User
from accounts.roles import Role
from cases.context import Frame
from cases.problems import Problem
from cases.widgets import PhotosInput, PlaceChoice, PlaceInput
from cases.words import page_now, set_page_now
from grids import clock
from grids.models import Department, Division

PAGES = Path(__file__).parent / "pages"
CITY = Division(pk=1, code="360981000000", name="丰城市", level="city")
STREET = Division(pk=2, code="360981002000", name="剑光街道", level="township", parent=CITY)
VILLAGE = Division(pk=3, code="360981002002", name="东路社区", level="village", parent=STREET)
GRID = Division(pk=4, code="360981002002003", name="03网格", level="grid", parent=VILLAGE)
BUREAU = Department(pk=1, name="丰城市城市管理局", division=CITY)
PATH = "剑光街道 › 东路社区 › 03网格"


def person(role: Role) -> tuple[User, list[Post]]:
    """A made-up person with the post of that role, and a second post where one may have two."""
    user = User(pk=1, name="网格员甲" if role == Role.GRID_WORKER else "街道中心甲", username="shown")
    places: dict[Role, dict[str, Any]] = {
        Role.GRID_WORKER: {"division": GRID},
        Role.TOWNSHIP_CENTRE: {"division": STREET},
        Role.DEPARTMENT_OFFICER: {"department": BUREAU},
    }
    posts = [Post(pk=1, user=user, role=role, **places.get(role, {}))]
    if role in places:
        posts.append(Post(pk=2, user=user, role=Role.VILLAGE_CENTRE, division=VILLAGE))
        posts.append(Post(pk=3, user=user, role=Role.DEPARTMENT_OFFICER, department=BUREAU))
    return user, posts


@dataclass
class Duty:
    """A deadline as the chip reads it."""

    started_at: datetime
    due_at: datetime
    provisional: bool = False
    paused_at: datetime | None = None
    met_at: datetime | None = None
    missed_at: datetime | None = None
    cancelled_at: datetime | None = None


def duty(ago: float, left: float, **more: Any) -> Duty:
    """Started `ago` hours before now, due in `left` hours."""
    now = page_now()
    for name in ("paused_at", "met_at", "missed_at", "cancelled_at"):
        if name in more:
            more[name] = now + timedelta(hours=more[name])
    return Duty(now - timedelta(hours=ago), now + timedelta(hours=left), **more)


@dataclass
class Row:
    """A case in a list."""

    title: str
    number: str
    step: str
    holder: str
    deadline: Duty | None
    duty: str = "处置"
    category: str = "暴露垃圾"
    path: str = PATH
    url: str = "/ui/case/"
    urgent: bool = False
    supervision: str = ""
    sensitive: bool = False
    at: datetime = field(default_factory=lambda: page_now() - timedelta(hours=30))


def rows() -> list[Row]:
    return [
        Row("东路菜场后门垃圾堆放三天没有清运", "SJ2026-0000123", "办理中", "丰城市城市管理局", duty(20, -3.2, missed_at=-3.2), urgent=True, supervision="red"),
        Row("井盖缺失", "SJ2026-0000131", "已指派", "剑光街道城管站", duty(3, 0.67), duty="签收", category="井盖损坏"),
        Row("老旧小区外墙面砖脱落，楼下是幼儿园放学必经的通道，家长多次反映", "SJ2026-0000118", "办理中", "丰城市住房和城乡建设局", duty(30, 51), category="房屋安全", supervision="yellow"),
        Row("邻里之间因为占用楼道反复争执", "SJ2026-0000097", "已挂起", "东路社区综治中心", duty(80, 40, paused_at=-5), category="邻里纠纷", sensitive=True),
        Row("路灯不亮", "SJ2026-0000090", "已反馈", "街道中心甲", duty(10, 220, provisional=True), duty="核查", category="路灯故障"),
        Row("道路积水", "SJ2026-0000081", "已归档", "", duty(100, -2, met_at=-6), duty="整体时限", category="道路积水"),
        Row("占道堆放建筑材料", "SJ2026-0000079", "已归档", "", duty(100, -9, met_at=-6, missed_at=-9), duty="整体时限", category="占道堆放"),
        Row("流浪犬伤人隐患", "SJ2026-0000072", "不予立案", "", None, category="其他"),
    ]  # fmt: skip


def chips() -> list[dict[str, Any]]:
    return [
        {"deadline": duty(1, 5.3), "duty": "处置"},
        {"deadline": duty(9, 1.34), "duty": "处置"},
        {"deadline": duty(9, 0.015), "duty": ""},
        {"deadline": duty(9, -3), "duty": "签收"},
        {"deadline": duty(9, 26, paused_at=-2), "duty": "处置"},
        {"deadline": duty(9, 2200, provisional=True), "duty": "处置"},
        {"deadline": duty(9, 2, met_at=-1), "duty": "核查"},
        {"deadline": duty(9, -2, met_at=-1), "duty": "核查"},
        {"deadline": duty(9, 2, cancelled_at=-1), "duty": "派遣"},
        {"deadline": None, "duty": ""},
    ]


def steps() -> list[dict[str, Any]]:
    now = page_now()
    done = [
        ("问题上报", "网格员甲", 30.0),
        ("案卷建立", "剑光街道综治中心", 29.5),
        ("任务指派", "剑光街道综治中心", 28.0),
    ]
    made: list[dict[str, Any]] = [
        {"label": label, "status": "done", "who": who, "at": now - timedelta(hours=ago)}
        for label, who, ago in done
    ]
    made[2]["branches"] = [
        {"label": "退回", "kind": "return", "who": "剑光街道城管站", "at": now - timedelta(hours=27)}
    ]
    investigating = {"label": "调查落实", "status": "now", "who": "丰城市城市管理局", "note": "返工第 1 次"}
    investigating["branches"] = [  # type: ignore[assignment]
        {"label": "挂起 2天", "kind": "pause", "at": now - timedelta(hours=20)},
        {"label": "返工", "kind": "rework", "who": "网格员甲", "at": now - timedelta(hours=3)},
    ]
    return [*made, investigating, *({"label": label, "status": "todo"} for label in ("反馈结果", "结案归档"))]


def entries() -> list[SimpleNamespace]:
    now = page_now()

    def entry(ago: float, verb: str, post: str = "", who: str = "", **more: Any) -> SimpleNamespace:
        return SimpleNamespace(at=now - timedelta(hours=ago), verb=verb, post=post, person=who, **more)

    pictures = [
        {"url": "/ui/picture/1/", "thumb": f"/ui/picture/{n}/", "name": f"现场{n}.jpg", "stage": "处置前"}
        for n in (1, 2)
    ]
    papers = [{"url": "/ui/case/", "name": "关于东路菜场环境整治的复函（盖章扫描件）.pdf", "size": 482133}]
    return [
        entry(0.4, "催办", "剑光街道综治中心", "街道中心甲", words="今天下午必须清运完，幼儿园门口味道很大。"),
        entry(3, "返工", "03网格网格员", "网格员甲", words="现场还有两堆没有清走，见照片。", pictures=pictures),
        entry(3.2, "超过时限", quiet=True),
        entry(5, "反馈结果", "丰城市城市管理局", "城管局经办甲", words="已派环卫公司清运。\n后续每天上午九点前清运一次。", papers=papers),
        entry(6, "时限重新计算", quiet=True, facts=[{"label": "处置", "old": "11月20日 18:00", "value": "11月21日 18:00"}]),
        entry(21, "内部备注", "剑光街道综治中心", "街道中心甲", words="摊主情绪激动，注意方式。", inner=True),
        entry(28, "指派", "剑光街道综治中心", "街道中心甲", facts=[{"label": "承办", "value": "丰城市城市管理局"}, {"label": "协办", "value": "剑光街道城管站"}]),
        entry(30, "上报", "03网格网格员", "网格员甲", words="东路菜场后门垃圾堆放三天没有清运，气味很大。", pictures=pictures[:1]),
    ]  # fmt: skip


class Photos(forms.FileField):
    """Several files, unchecked."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        return data


class ShownForm(forms.Form):
    """One of every kind of field."""

    grid = forms.CharField(label="网格", widget=PlaceInput(levels="grid", search_url="/places/search/"))
    title = forms.CharField(label="标题", min_length=2, max_length=60)
    description = forms.CharField(label="情况说明", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    category = forms.ChoiceField(label="类别", choices=[("", "请选择"), ("a", "暴露垃圾"), ("b", "道路积水")])
    urgency = forms.ChoiceField(
        label="紧急程度",
        choices=[("normal", "一般"), ("urgent", "紧急")],
        widget=forms.RadioSelect,
        initial="normal",
    )
    copies = forms.MultipleChoiceField(
        label="抄告",
        choices=[("1", "丰城市公安局"), ("2", "剑光街道城管站")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    told = forms.BooleanField(label="已当面告知反映人", required=False)
    until = forms.DateTimeField(
        label="挂起到",
        required=False,
        help_text="最长一年；到期自动恢复。",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    photos = Photos(
        label="照片", required=False, help_text="最多 4 张，上传前自动缩小。", widget=PhotosInput(max_count=4)
    )
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    lng = forms.FloatField(required=False, widget=forms.HiddenInput)
    accuracy = forms.FloatField(required=False, widget=forms.HiddenInput)
    position_source = forms.CharField(required=False, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = [
            PlaceChoice(f"36098100200200{n}", f"0{n}网格", f"剑光街道 › 东路社区 › 0{n}网格", f"0{n}wg")
            for n in (1, 2, 3)
        ]
        widget = self.fields["grid"].widget
        assert isinstance(widget, PlaceInput)
        widget.own = own
        widget.path_of = lambda code: next((place.path for place in own if place.code == code), code)

    @property
    def shown(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name != "grid"]


class ActionForm(forms.Form):
    """The short form of one action."""

    handler = forms.ChoiceField(
        label="承办单位", choices=[("1", "丰城市城市管理局"), ("2", "剑光街道城管站")]
    )
    note = forms.CharField(label="说明", widget=forms.Textarea(attrs={"rows": 3}), max_length=200)


class FilterForm(forms.Form):
    """The filters of a list."""

    q = forms.CharField(
        label="编号、地点或文字", required=False, widget=forms.TextInput(attrs={"type": "search", "id": "q"})
    )
    state = forms.ChoiceField(label="步骤", required=False, choices=[("", "全部"), ("assigned", "已指派")])
    light = forms.ChoiceField(label="时限", required=False, choices=[("", "全部"), ("over", "已超期")])
    category = forms.ChoiceField(label="类别", required=False, choices=[("", "全部"), ("a", "暴露垃圾")])
    unassigned = forms.BooleanField(label="还没有承办单位", required=False)


def facts() -> list[dict[str, str]]:
    return [
        {"label": "编号", "value": "SJ2026-0000123"},
        {"label": "类别", "value": "环境卫生 › 暴露垃圾"},
        {"label": "地点", "value": PATH, "url": "/ui/desk/"},
        {"label": "详细位置", "value": "菜场后门与三号楼之间"},
        {"label": "来源", "value": "网格员上报"},
    ]


def context(request: HttpRequest) -> dict[str, Any]:
    """Everything that the pages show."""
    actions = [
        ("feed_back", "反馈结果"),
        ("progress", "记录进展"),
        ("ask_extension", "申请延期"),
        ("return", "退回"),
    ]
    return {
        "rows": rows(),
        "chips": chips(),
        "steps": steps(),
        "entries": entries(),
        "facts": facts(),
        "form": ShownForm(request.POST or None, request.FILES or None, initial={"grid": request.GET.get("grid", "")}),
        "filter_form": FilterForm(request.GET),
        "chosen": [{"label": "时限：已超期", "url": "?"}, {"label": "步骤：已指派", "url": "?"}],
        "actions": [{"action": code, "label": label, "url": f"/ui/action/{code}/"} for code, label in actions],
        "tiles": [
            {"label": "已超期", "value": 3, "look": "over", "url": "/ui/desk/?light=over"},
            {"label": "将到期", "value": 7, "look": "soon", "url": "/ui/desk/?light=soon"},
            {"label": "待签收", "value": 12, "url": "/ui/desk/"},
            {"label": "按期结案率", "value": "75.82%", "note": "737 / 972 件"},
        ],
        "buttons": [{"label": "指派", "name": "bulk", "value": "assign"}, {"label": "催办", "name": "bulk", "value": "urge"}],
        "pictures": entries()[1].pictures,
        "newer": "?page=1",
        "older": "?page=3",
        "seen": "investigating:2",
    }  # fmt: skip


def page(request: HttpRequest, name: str) -> HttpResponse:
    """One page of the guide, as `?role=` sees it, in `?lang=`."""
    source = PAGES / f"{name}.html"
    if not source.exists():
        raise Http404
    translation.activate(request.GET.get("lang", "zh-hans"))
    role = Role(request.GET.get("role", Role.TOWNSHIP_CENTRE))
    request.user, posts = person(role)
    request.posts, request.post = posts, posts[0]  # type: ignore[attr-defined]
    now = clock.now()
    set_page_now(now)
    frame = request.gezhi_frame = Frame(request, now)  # type: ignore[attr-defined]
    frame.unread = 5
    if "toast" in request.GET:
        messages.success(request, _("已指派给丰城市城市管理局，请在今天 18:00 前签收。"))
        messages.error(request, _("这个岗位不能归档。"))
    return HttpResponse(engines["django"].from_string(source.read_text()).render(context(request), request))


def action(request: HttpRequest, name: str) -> HttpResponse:
    """An action's form; 422 with errors when what is sent is wanting, else the case again."""
    form = ActionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return HttpResponse(
            '<div id="case" data-announce="已反馈" tabindex="-1" data-focus><p>已反馈，转入核查。</p></div>'
        )
    source = '{% include "components/action_form.html" with label="反馈结果" url=request.path follows="转入核查；由没有办理过的单位核查。" post=post cancel_url="/ui/case/" %}'
    status = 422 if request.method == "POST" else 200
    post = person(Role.DEPARTMENT_OFFICER)[1][0]
    text = engines["django"].from_string(source).render({"form": form, "post": post}, request)
    return HttpResponse(text, status=status)


def fail(request: HttpRequest, status: int) -> HttpResponse:
    """Answers as the product refuses, whole pages or partials."""
    problem = Problem(status, "shown", "这个事项现在是“已归档”，不能这样办理。请刷新后再看。")
    part = request.headers.get("HX-Request") == "true"
    name = "errors/_problem.html" if part else f"errors/{status}.html"
    text = engines["django"].get_template(name).render({"problem": problem, "case": None}, request)
    return HttpResponse(text, status=status)


def search(request: HttpRequest) -> JsonResponse:
    """The search of places, over nine made-up grids."""
    wanted = request.GET.get("q", "")
    found = [
        {"code": f"3609810020020{n:02}", "name": f"{n:02}网格", "path": f"剑光街道 › {village} › {n:02}网格"}
        for n, village in enumerate(["东路社区", "西路社区", "南路社区"] * 3, start=4)
    ]
    return JsonResponse({"results": [place for place in found if wanted in place["path"] or wanted == "dl"]})


def shapes(request: HttpRequest) -> JsonResponse:
    """Sixteen squares."""
    features = []
    for n in range(16):
        x, y = 115.78 + (n % 4) * 0.01, 28.18 + (n // 4) * 0.01
        ring = [[x, y], [x + 0.01, y], [x + 0.01, y + 0.01], [x, y + 0.01], [x, y]]
        code = f"3609810020020{n + 1:02}"
        about = {"code": code, "name": f"{n + 1:02}网格", "path": f"剑光街道 › 东路社区 › {n + 1:02}网格"}
        features.append(
            {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": about}
        )
    return JsonResponse({"type": "FeatureCollection", "features": features})


def points(request: HttpRequest) -> JsonResponse:
    """Forty matters on the map."""
    looks = ["ok", "ok", "soon", "over", "met", "ok", "paused"]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [115.781 + (n * 37 % 40) / 1000, 28.181 + (n * 23 % 40) / 1000]},
            "properties": {"url": "/ui/case/", "title": f"暴露垃圾{n}", "number": f"SJ2026-{n:07}", "path": PATH, "words": "处置中", "look": looks[n % 7]},
        }
        for n in range(40)
    ]  # fmt: skip
    return JsonResponse({"type": "FeatureCollection", "features": features})


def locate(request: HttpRequest) -> JsonResponse:
    """A schematic cell: only offered."""
    return JsonResponse({"code": "360981002002003", "name": "03网格", "path": PATH, "geometry": "schematic"})


def picture(request: HttpRequest, number: int) -> HttpResponse:
    """A made-up photograph."""
    image = Image.new("RGB", (320, 240), (90 + number * 40 % 120, 120, 110))
    ImageDraw.Draw(image).rectangle((40, 120, 280, 240), fill=(120, 100, 80))
    out = io.BytesIO()
    image.save(out, "JPEG")
    return HttpResponse(out.getvalue(), content_type="image/jpeg")
