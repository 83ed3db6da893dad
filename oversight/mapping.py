"""The map of oversight: one indicator of one week, area by area, in a few shades; and the open incidents of the place.

What the map tells is the table beside it; the outlines come from the layers of the schematic (`grids.layers`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Post, User
from cases.errors import Incomplete, NotAllowed
from cases.models import Case
from cases.periods import DAY, Period
from grids import clock
from grids.models import Division, DivisionLevel
from incidents.listing import by_newest
from incidents.models import Incident
from incidents.points import points_of
from mediation.overview import WATCHERS
from oversight import access, figures, indicators
from oversight.figures import Slice
from oversight.indicators import BY_CODE, Indicator, Subject, Value
from oversight.querysets import PUBLIC
from oversight.shading import Band, Method, bands
from oversight.tables import BELOW

WEEKS: Final = 26
MOST_CASES: Final = 1000  # marks on one map: more make an old phone stand still
CLASSES: Final = 5
LEVELS: Final = (DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE, DivisionLevel.GRID)
# How finely a subject is mapped. A grid is a few hundred homes: which of them has a dispute, or a grave matter such as
# whistles are for, would be told of people.
FINEST: Final = {
    Subject.INCIDENT: DivisionLevel.GRID,
    Subject.WHISTLE: DivisionLevel.VILLAGE,
    Subject.MEDIATION: DivisionLevel.VILLAGE,
}
NOTHING: Final = "none"  # the shade of an area without data
ZERO: Final = "0"


@dataclass(frozen=True, slots=True)
class Week:
    """One of the weeks that the map goes through. `number`: of weeks since that of the first day of the calendar."""

    period: Period

    @property
    def number(self) -> int:
        return self.period.first.toordinal() // 7

    def __str__(self) -> str:
        return f"{self.period.first} – {self.period.last}"


def weeks() -> list[Week]:
    """The last weeks, this one included, the oldest first."""
    this = Period.week_of(clock.today())
    back = [(this.first - 7 * n * DAY, this.last - 7 * n * DAY) for n in range(WEEKS)]
    return [Week(Period(*days)) for days in reversed(back)]


def levels_of(place: Division) -> list[DivisionLevel]:
    """By which levels a place is drawn: those below it; grids, of which a city has thousands, in one township only."""
    in_one = place.rank >= DivisionLevel.TOWNSHIP.rank
    below = [level for level in LEVELS if level.rank > place.rank]
    return [level for level in below if level != DivisionLevel.GRID or in_one]


def indicators_of(level: DivisionLevel, post: Post) -> list[Indicator]:
    """What is mapped by a level; disputes by village only for whoever sees disputes of the place."""
    return [one for one in indicators.ALL if _may(one.subject, level, post)]


def _may(subject: Subject, level: DivisionLevel, post: Post) -> bool:
    if subject == Subject.MEDIATION and post.role not in WATCHERS:
        return level == DivisionLevel.TOWNSHIP
    return level.rank <= FINEST[subject].rank


# --- what an address asks


class MapForm(forms.Form):
    """The question of a map; what is left out has its usual answer."""

    place = forms.CharField(required=False, max_length=15)
    level = forms.ChoiceField(label=_("层级"), choices=DivisionLevel.choices, required=False)
    indicator = forms.ChoiceField(
        label=_("指标"), choices=[(code, one.name) for code, one in BY_CODE.items()], required=False
    )
    week = forms.IntegerField(label=_("周"), required=False)
    method = forms.ChoiceField(label=_("分级"), choices=Method.choices, required=False)
    cases = forms.BooleanField(required=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """A checked question of a map, as far as the post may ask it."""

    post: Post
    place: Division
    level: DivisionLevel
    indicator: Indicator
    week: Week
    weeks: list[Week]
    method: Method
    cases: bool

    @property
    def levels(self) -> list[DivisionLevel]:
        """The levels that this indicator is told by here."""
        found = levels_of(self.place)
        return [level for level in found if self.indicator in indicators_of(level, self.post)]

    @property
    def why_no_grids(self) -> str:
        """Why grids are not among them, where the place has any."""
        if DivisionLevel.GRID in self.levels:
            return ""
        if DivisionLevel.GRID not in levels_of(self.place):
            return gettext("要按网格看，先选一个乡镇（街道）。")
        return gettext("调解和吹哨只画到村（社区），不按网格画。")

    @property
    def offered(self) -> list[tuple[Any, list[Indicator]]]:
        """The indicators of this level by subject."""
        found = indicators_of(self.level, self.post)
        subjects = [(subject.label, [one for one in found if one.subject == subject]) for subject in Subject]
        return [(label, those) for label, those in subjects if those]

    @property
    def chain(self) -> list[Division]:
        """The places from the post's own down to the one looked at."""
        own = self.post.division.prefix if self.post.division else ""
        return [one for one in reversed(self.place.chain) if one.prefix.startswith(own)]

    @property
    def oldest(self) -> Week:
        return self.weeks[0]

    @property
    def newest(self) -> Week:
        return self.weeks[-1]

    @property
    def before(self) -> Week | None:
        at = self.weeks.index(self.week)
        return self.weeks[at - 1] if at else None

    @property
    def after(self) -> Week | None:
        return None if self.week == self.newest else self.weeks[self.weeks.index(self.week) + 1]


def place_of(post: Post, code: str) -> Division:
    """The place that a map is asked of. Raises NotAllowed for a post without places, NotFound as `access` does."""
    place = access.place_for(post, code)
    if place is None:  # a department or a worker: their work has no outline
        raise NotAllowed(_("地图给综治中心、乡镇（街道）党（工）委书记和政法委使用。您的数字在“指标”里。"))
    return place


def ask(post: Post, data: QueryDict) -> Asked:
    """The question of a map. Raises Incomplete, and NotFound or NotAllowed as `place_of` does."""
    form = MapForm(data)
    if not form.is_valid():
        _refuse({name: [str(one) for one in found] for name, found in form.errors.items()})
    given = form.cleaned_data
    place = place_of(post, given["place"])
    level = _level(place, given["level"])
    chosen = BY_CODE[given["indicator"] or "reports"]
    if chosen not in indicators_of(level, post):
        sentence = gettext("“%(name)s”不按%(level)s画在地图上。请选大一级的层级，或者换一个指标。")
        _refuse({"indicator": [sentence % {"name": chosen.name, "level": level.label}]})
    known = weeks()
    week = next((one for one in known if one.number == given["week"]), None)
    if given["week"] is None:
        week = known[-1]
    if week is None:
        _refuse({"week": [gettext("只能看最近 %(n)d 周。") % {"n": WEEKS}]})
    method = Method(given["method"] or Method.QUANTILES)
    return Asked(post, place, level, chosen, week, known, method, given["cases"])


def _level(place: Division, wanted: str) -> DivisionLevel:
    levels = levels_of(place)
    if not levels:
        _refuse({"place": [gettext("网格下面没有更小的地方，请看它所在的村（社区）。")]})
    level = DivisionLevel(wanted or BELOW[DivisionLevel(place.level)])
    if level in levels:
        return level
    if level == DivisionLevel.GRID:
        _refuse({"level": [gettext("网格太多，一次只画一个乡镇（街道）的。请先选一个乡镇（街道）。")]})
    _refuse({"level": [gettext("这里只能按比本级小的层级看。")]})


def _refuse(errors: dict[str, list[str]]) -> NoReturn:
    raise Incomplete(_("有内容需要补充或改正。"), errors=errors)


# --- areas in shades


@dataclass(frozen=True, slots=True)
class Area:
    """One area: what it is called here, its figure and what that is made of, its shade, whether one may look deeper."""

    division: Division
    name: str
    value: Value
    of: Slice
    shade: str
    deeper: bool

    @property
    def said(self) -> str:
        """The figure in words."""
        if self.shade == NOTHING:
            return gettext("没有数据")
        return f"{self.value} {self.value.indicator.unit}" if self.value.share is None else str(self.value)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the legend: a shade, its numbers in words, and how many areas have it."""

    shade: str
    label: str | Promise
    areas: int


@dataclass(frozen=True, slots=True)
class Map:
    """The areas in the order of their codes, and what their shades mean."""

    areas: list[Area]
    legend: list[Entry]


def make(asked: Asked) -> Map:
    """The areas of a week. Without data is a share of nothing; no matter at all is zero, and looks different."""
    # Below the village a sensitive matter is in nobody's numbers: they would say where it is.
    reader = PUBLIC if asked.level == DivisionLevel.GRID else asked.post.role
    counted = figures.below(
        asked.week.period, asked.place, asked.level, reader=reader, measures=asked.indicator.measures
    )
    values = [asked.indicator.value(one.counts) for one in counted]
    plain = asked.indicator.denominator is None
    known = [number for value in values if (number := _number(value)) is not None and (number or not plain)]
    classes = bands(known, asked.method, CLASSES - plain)
    deeper = asked.level in BELOW and asked.indicator in indicators_of(BELOW[asked.level], asked.post)
    names = _names([one.division for one in counted], asked.place)
    areas = []
    for one, name, value in zip(counted, names, values, strict=True):
        of = Slice(asked.week.period, one.division, reader=reader)
        shade = _shade(_number(value), classes, plain)
        areas.append(Area(one.division, name, value, of, shade, deeper))
    return Map(areas, list(_legend(asked.indicator, classes, Counter(area.shade for area in areas))))


def _names(divisions: list[Division], place: Division) -> list[str]:
    """What divisions are called inside a place: after the one that they lie in, when that is not the place itself."""
    above = Division.objects.in_bulk({one.parent_id for one in divisions if one.parent_id})
    found = []
    for one in divisions:
        parent = above.get(one.parent_id or 0)
        found.append(one.name if parent is None or parent == place else f"{parent.name} › {one.name}")
    return found


def _number(value: Value) -> int | None:
    """What a figure is shaded by: a count, or a share in hundredths of a per cent; None where there is none."""
    if value.share is None:
        return value.numerator
    percent = value.share.percent
    return None if percent is None else int(percent * 100)


def _shade(number: int | None, classes: list[Band], plain: bool) -> str:
    if number is None:
        return NOTHING
    if plain and not number:
        return ZERO
    return str(next(at for at, band in enumerate(classes, 1) if band.has(number)))


def _legend(one: Indicator, classes: list[Band], areas: Counter[str]) -> Iterator[Entry]:
    if one.denominator is None:
        yield Entry(ZERO, _words(one, Band(0, 0)), areas[ZERO])
    for at, band in enumerate(classes, 1):
        yield Entry(str(at), _words(one, band), areas[str(at)])
    if one.denominator is not None:
        yield Entry(NOTHING, _("没有数据（分母是 0）"), areas[NOTHING])


def _words(one: Indicator, band: Band) -> str:
    ends = [band.low] if band.low == band.high else [band.low, band.high]
    if one.denominator is None:
        return f"{'–'.join(f'{end:,}' for end in ends)} {one.unit}"
    return f"{'–'.join(f'{end / 100:.2f}' for end in ends)} {one.unit}"


# --- open incidents


def open_incidents(user: User, place: Division) -> QuerySet[Incident]:
    """Those of a place that a person may see on the map: never a sensitive one, a mark would say where it is."""
    # Open cases first: they have an index of their own, and are few among all that there are.
    seen = Case.objects.visible_to(user).open().within(place).filter(sensitive=False)
    return Incident.objects.filter(case__in=seen.values("pk")).exclude(category__current__sensitive=True)


def points(user: User, post: Post, place: Division) -> dict[str, Any]:
    """The newest of them as GeoJSON, at most MOST_CASES; `left` is how many are not drawn."""
    found = open_incidents(user, place)
    newest = list(by_newest(found).values_list("pk", flat=True)[:MOST_CASES])
    drawn = points_of(found.filter(pk__in=newest), clock.now(), post)
    return drawn | {"left": found.count() - len(drawn["features"])}
