"""How forms are drawn, with what is wrong beside the field and in a summary that leads to it."""

from __future__ import annotations

import json
import re

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict

from cases.widgets import PhotosInput, PlaceChoice, PlaceInput
from tests.ui.styleguide import ShownForm

pytestmark = pytest.mark.django_db

OWN = [PlaceChoice("360981002002001", "01网格", "剑光街道 › 东路社区 › 01网格", "01wg")]


class Asked(forms.Form):
    """One required field, one optional with a hint, one group, one check."""

    title = forms.CharField(label="标题")
    until = forms.CharField(
        label="到期", required=False, help_text="最长一年。", widget=forms.TextInput(attrs={"class": "wide"})
    )
    urgency = forms.ChoiceField(
        label="紧急程度", choices=[("a", "一般"), ("b", "紧急")], widget=forms.RadioSelect
    )
    told = forms.BooleanField(label="已告知")


def test_every_control_has_its_label_its_hint_and_the_look_of_its_kind() -> None:
    html = str(Asked())
    assert '<label class="form-label" for="id_title">标题</label>' in html
    assert 'class="form-control"' in html
    assert 'class="wide form-control"' in html
    assert 'id="id_until_helptext">最长一年。' in html
    assert 'aria-describedby="id_until_helptext"' in html
    assert html.count("选填") == 1
    assert "<legend" in html
    assert html.count('type="radio"') == 2
    assert html.count("form-check-input") == 3


def test_a_sound_form_has_no_summary() -> None:
    assert "gz-errors" not in str(Asked())


def test_each_line_of_the_summary_leads_to_a_control_that_is_there() -> None:
    html = str(Asked({}))
    anchors = re.findall(r'<a href="#([\w-]+)">', html)
    assert anchors == ["id_title", "id_urgency_0", "id_told"]
    for anchor in anchors:
        assert f'id="{anchor}"' in html
    assert 'id="id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert html.count('role="alert"') == 1


def test_what_concerns_the_whole_form_stands_in_the_summary() -> None:
    form = Asked({"title": "a", "urgency": "a", "told": "on"})
    form.add_error(None, "两项不能同时填。")
    assert "<li>两项不能同时填。</li>" in str(form)


def test_what_was_typed_stays_and_is_escaped() -> None:
    html = str(Asked({"title": '"><script>alert(1)</script>'}))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_the_place_picker_is_a_plain_field_first_and_carries_my_grids() -> None:
    widget = PlaceInput(
        levels="grid", own=OWN, path_of=lambda code: OWN[0].path, search_url="/places/search/"
    )
    html = widget.render("grid", OWN[0].code, {"id": "id_grid", "class": "form-control"})
    assert f'<input type="text" name="grid" value="{OWN[0].code}"' in html
    assert f'data-label="{OWN[0].path}"' in html
    given = json.loads(re.search(r"data-own=\"([^\"]*)\"", html)[1].replace("&quot;", '"'))  # type: ignore[index]
    assert given == [{"code": OWN[0].code, "name": "01网格", "path": OWN[0].path, "initials": "01wg"}]


def test_a_hostile_name_of_a_place_cannot_leave_its_attribute() -> None:
    widget = PlaceInput(own=[PlaceChoice("1", '"><img>', "'\"><img>")], search_url="/s/")
    assert "<img>" not in widget.render("grid", "", {})


def test_the_photo_field_takes_several_and_says_how_many() -> None:
    html = PhotosInput(max_count=4).render("photos", None, {"id": "id_photos"})
    assert 'data-max="4"' in html
    assert "multiple" in html
    assert 'accept="image/jpeg,image/png,image/webp"' in html
    files = MultiValueDict({"photos": [SimpleUploadedFile("a.jpg", b"1"), SimpleUploadedFile("b.jpg", b"2")]})
    assert [file.name for file in PhotosInput().value_from_datadict(QueryDict(), files, "photos")] == [
        "a.jpg",
        "b.jpg",
    ]


def test_an_action_s_form_says_what_follows_and_under_which_post() -> None:
    class Post:
        label = "剑光街道综治中心"

    html = render_to_string(
        "components/action_form.html",
        {
            "form": ShownForm(),
            "url": "/x/",
            "label": "指派",
            "follows": "承办单位收到通知。",
            "post": Post,
            "seen": "filed:2",
        },
    )
    assert 'method="post"' in html
    assert 'action="/x/"' in html
    assert 'name="seen" value="filed:2"' in html
    assert "承办单位收到通知。" in html
    assert "记在“剑光街道综治中心”名下" in html
    assert re.search(r'<button type="submit"[^>]*>指派</button>', html)
    assert "data-form" in html
