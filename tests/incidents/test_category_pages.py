"""The catalogue over HTTP: everybody reads, a system administrator proposes, the city's centre agrees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Post, User
from accounts.roles import Role
from incidents import category_services as services
from incidents.models import Category, CategoryVersion
from tests.cases.conftest import NewCase
from tests.cast import PEOPLE, Cast
from tests.incidents.category_samples import (
    SIDE,
    new_content,
    number_of,
    proposed,
    sound_category,
    times,
    typed,
)

BrowserOf = Callable[[Post | User], Client]
LIST = "/incidents/categories/"
ONE = "/incidents/categories/1104/"
EDIT = f"{ONE}edit/"
EVERYBODY = [name for name in PEOPLE if name != "stranger"]


@pytest.fixture
def lamp(cast: Cast, workdays: None) -> Category:
    return sound_category()


def words(answer: Any) -> str:
    text: str = answer.content.decode()
    return text.split("<main")[1].split("</main>")[0]


def sent(client: Client, **values: Any) -> dict[str, Any]:
    """The untouched form of the edit page with these changes, and a reason."""
    return {**typed(client, EDIT), "reason": "按本市文件", **values}


# --- who gets where


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_reads_and_the_right_people_write(
    cast: Cast, lamp: Category, browser_of: BrowserOf, who: str
) -> None:
    version = proposed(cast, lamp)
    post: Post = getattr(cast, who)
    client = browser_of(post)
    at = f"{ONE}versions/{version.number}/"
    for url in (LIST, ONE, at, f"{ONE}versions/1/"):
        assert client.get(url).status_code == 200, url
    admin = post.role == Role.SYSTEM_ADMIN
    for url in (f"{LIST}new/", f"{ONE}use/", f"{LIST}field-row/"):
        assert client.get(url).status_code == (200 if admin else 403), url
    assert client.get(EDIT).status_code == (302 if admin else 403)
    for url in (f"{LIST}new/", EDIT, f"{ONE}use/"):
        assert client.post(url, {"reason": "x"}).status_code in ((409, 422) if admin else (403,)), url
    assert client.get(f"{at}agree/").status_code == 405
    answer = client.post(f"{at}agree/")
    assert answer.status_code == (302 if post.role == Role.CENTRE else 403)
    expected = "in_force" if post.role == Role.CENTRE else "proposed"
    assert CategoryVersion.objects.get(pk=version.pk).state == expected


@pytest.mark.parametrize("who", EVERYBODY)
def test_buttons_are_only_for_those_who_may_press_them(
    cast: Cast, lamp: Category, browser_of: BrowserOf, who: str
) -> None:
    post: Post = getattr(cast, who)
    client = browser_of(post)
    assert ("edit/" in words(client.get(ONE))) == (post.role == Role.SYSTEM_ADMIN)
    assert ("categories/new/" in words(client.get(LIST))) == (post.role == Role.SYSTEM_ADMIN)
    version = proposed(cast, lamp)
    shown = words(client.get(f"{ONE}versions/{version.number}/"))
    assert ("agree/" in shown, "refuse/" in shown) == ((post.role == Role.CENTRE,) * 2)
    assert ("withdraw/" in shown) == (post.role == Role.SYSTEM_ADMIN)
    assert "edit/" not in words(client.get(ONE))


@pytest.mark.parametrize(
    "url", ["9999/", "11/", "9999/edit/", "11/edit/", "9999/use/", "1104/versions/7/", "none-such/"]
)
def test_what_does_not_exist_is_404(cast: Cast, lamp: Category, browser_of: BrowserOf, url: str) -> None:
    assert browser_of(cast.sysadmin).get(f"{LIST}{url}").status_code == 404
    if "versions" in url:
        assert browser_of(cast.centre).post(f"{LIST}{url}agree/").status_code == 404


def test_of_a_person_with_two_posts_only_the_one_acted_under_counts(
    cast: Cast, lamp: Category, browser_of: BrowserOf
) -> None:
    version = proposed(cast, lamp)
    other = Post.objects.create(
        user=cast.centre.user, role=Role.MEDIATOR, division=cast.places.city, starts_on=cast.centre.starts_on
    )
    assert browser_of(other).post(f"{ONE}versions/{version.number}/agree/").status_code == 403


# --- the list


def test_the_list_is_by_large_category_with_times_and_marks(
    cast: Cast, lamp: Category, browser_of: BrowserOf
) -> None:
    sound_category("2101", source="《某市规定》第3条")
    proposed(cast, lamp)
    client = browser_of(cast.worker)
    shown = words(client.get(LIST))
    for word in ("11 ", "1104", "2101", "7个工作日", "15天", "本系统自拟", "有待同意的改动"):
        assert word in shown, word
    assert "待我同意" not in shown

    def codes(query: str) -> list[str]:
        return [row.category.code for row in client.get(f"{LIST}?{query}").context["catalogue"].rows]

    assert codes("") == ["1104", "2101"]
    assert codes("q=21") == ["2101"] and codes("q=Exposed+rubbish") == ["1104", "2101"]
    assert codes("q=没有这种") == [] and codes("group=11") == ["1104"]
    assert codes("state=waiting") == ["1104"] and codes("state=stopped") == []
    assert "没有这样的小类" in words(client.get(f"{LIST}?q=zz"))


def test_the_centre_finds_what_waits_for_it_in_the_navigation_and_on_the_list(
    cast: Cast, lamp: Category, browser_of: BrowserOf
) -> None:
    def badge(post: Post) -> Any:
        answer = browser_of(post).get(LIST)
        return next((item.count for item in answer.context["nav"] if item.url == LIST), "no entry")

    assert (badge(cast.centre), badge(cast.sysadmin)) == (0, None)
    version = proposed(cast, lamp)
    assert (badge(cast.centre), badge(cast.township), badge(cast.sysadmin)) == (1, "no entry", None)
    shown = words(browser_of(cast.centre).get(LIST))
    assert "待我同意" in shown and f"{ONE}versions/{version.number}/" in shown
    assert "等综治中心同意" in words(browser_of(cast.sysadmin).get(LIST))


def test_a_case_leads_to_the_version_it_was_reported_under(
    cast: Cast, lamp: Category, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = new_case(cast.worker, category=lamp)
    services.agree(proposed(cast, lamp), by=cast.centre)
    client = browser_of(cast.worker)
    assert f'href="{ONE}versions/1/"' in words(client.get(case.get_absolute_url()))
    shown = words(client.get(f"{ONE}versions/1/"))
    assert "已被替换" in shown and "1小时" in shown


def test_queries_of_the_list_do_not_grow(
    cast: Cast, lamp: Category, browser_of: BrowserOf, django_assert_max_num_queries: Any
) -> None:
    client = browser_of(cast.worker)
    client.get(LIST)
    for number in range(20):
        sound_category(f"11{number + 20}")
    with django_assert_max_num_queries(14):
        client.get(LIST)


# --- changing


def test_a_change_is_typed_proposed_agreed_to_and_in_force(
    cast: Cast, lamp: Category, browser_of: BrowserOf, api_of: Callable[[Post], APIClient]
) -> None:
    def served() -> Any:
        rows = api_of(cast.worker).get("/api/v1/categories/").json()
        return next(row for row in rows if row["code"] == "1104")

    admin, before = browser_of(cast.sysadmin), served()
    form = sent(admin, n_handle_0="5", n_handle_1="working_days", u_handle_0="2", u_handle_1="working_days")
    form |= {"field-1-name": "side", "field-1-label": "哪一侧", "field-1-label_en": "Which side"}
    form |= {"field-1-type": "choice", "field-1-required": "on"}
    form |= {"field-1-choices": "left|左侧|Left\r\nright｜右侧｜Right"}
    answer = admin.post(EDIT, form)
    assert answer.status_code == 302 and answer["Location"] == f"{ONE}versions/2/"
    version = lamp.versions.get(number=2)
    assert version.fields[1] == SIDE and version.fields[0] == lamp.versions.get(number=1).fields[0]
    assert served() == before
    shown = words(browser_of(cast.centre).get(f"{ONE}versions/2/"))
    for word in (
        "处置（一般）",
        "7个工作日",
        "5个工作日",
        "附加字段：哪一侧",
        "左侧 / 右侧",
        "按本市文件",
        "系统管理员甲",
    ):
        assert word in shown, word
    for absent in ("立案（一般）", "英文名称"):
        assert absent not in shown.split("<details")[0]
    assert browser_of(cast.centre).post(f"{ONE}versions/2/agree/").status_code == 302
    assert served()["times"]["normal"]["handle"] == {"amount": 5, "unit": "working_days"}
    assert [field["name"] for field in served()["fields"]] == ["pole_no", "side"]
    page = words(browser_of(cast.worker).get(ONE))
    for word in ("第 2 版", "第 1 版", "执行中", "已被替换", "市中心甲", "按本市文件"):
        assert word in page, word


def test_the_untouched_form_changes_nothing(cast: Cast, browser_of: BrowserOf, workdays: None) -> None:
    sound_category(
        fields=[SIDE, {"name": "area", "label": "面积", "label_en": "Area", "type": "number", "required": False,
                       "unit": "亩", "unit_en": "mu", "help": "大约", "help_en": "Roughly"}],
        sensitive=True,
        visible_roles=["township_centre", "department_officer"],
        source="《某市规定》",
    )  # fmt: skip
    client = browser_of(cast.sysadmin)
    answer = client.post(EDIT, sent(client))
    assert answer.status_code == 422 and "没有改动" in words(answer)


@pytest.mark.parametrize(
    ("values", "anchor", "said"),
    [
        ({"name": ""}, "id_name", "名称"),
        ({"name_en": "垃圾"}, "id_name_en", "缺少英文名称"),
        ({"reason": ""}, "id_reason", "理由"),
        ({"reason": "长" * 301}, "id_reason", "超过 300 个字"),
        ({"n_handle_0": ""}, "id_n_handle_0", "处置（一般）"),
        ({"n_handle_0": "0"}, "id_n_handle_0", "处置（一般）"),
        ({"n_handle_0": "1.5"}, "id_n_handle_0", "处置（一般）"),
        ({"n_handle_0": "999999", "n_handle_1": "working_hours"}, "id_n_handle_0", "时间太长"),
        ({"n_handle_1": "weeks"}, "id_n_handle_0", "处置（一般）"),
        ({"n_whole_0": "1", "n_whole_1": "clock_minutes"}, "id_n_whole_0", "整体时限短于"),
        ({"u_handle_0": "30"}, "id_u_handle_0", "加急时限长于一般时限"),
        ({"department_kind": ""}, "id_department_kind", "默认承办部门"),
        ({"department_kind": "public_security"}, "id_department_level", "这一层级没有这类部门"),
        ({"sensitive": "on"}, "id_visible_roles_0", "可见角色缺少"),
        ({"field-0-label_en": ""}, "id_field-0-label_en", "附加字段第 1 项"),
        ({"field-0-name": "Pole No"}, "id_field-0-name", "小写字母"),
        ({"field-0-type": "choice"}, "id_field-0-choices", "至少要有两个选项"),
        ({"field-0-type": "choice", "field-0-choices": "a|甲"}, "id_field-0-choices", "应写成"),
        ({"field-1-name": "only_a_name"}, "id_field-1-label", "附加字段第 2 项"),
        ({"field-1-name": "pole_no", "field-1-label": "又一个", "field-1-label_en": "Again"}, "fields-title",
         "同一个名称"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_what_was_typed_stays(
    cast: Cast, lamp: Category, browser_of: BrowserOf, values: dict[str, str], anchor: str, said: str
) -> None:
    client = browser_of(cast.sysadmin)
    form = sent(client, closing_conditions="干净了，路面无积水") | values
    answer = client.post(EDIT, form)
    shown = words(answer)
    assert answer.status_code == 422
    assert f'href="#{anchor}"' in shown and said in shown
    assert f'id="{anchor}"' in shown
    assert "干净了，路面无积水" in shown
    assert lamp.versions.count() == 1


def test_a_form_of_an_old_version_is_refused_with_what_was_typed(
    cast: Cast, lamp: Category, browser_of: BrowserOf
) -> None:
    client = browser_of(cast.sysadmin)
    form = sent(client, closing_conditions="干净了，路面无积水")
    services.agree(proposed(cast, lamp), by=cast.centre)
    answer = client.post(EDIT, form)
    assert answer.status_code == 409
    assert "不是现在执行的版本" in words(answer) and "干净了，路面无积水" in words(answer)
    assert number_of(lamp) == 2 and lamp.versions.count() == 2


def test_an_extra_field_is_taken_out(cast: Cast, lamp: Category, browser_of: BrowserOf) -> None:
    client = browser_of(cast.sysadmin)
    answer = client.post(EDIT, sent(client) | {"field-0-DELETE": "on", "field-0-label": ""})
    assert answer.status_code == 302
    assert lamp.versions.get(number=2).fields == []


def test_without_scripts_the_button_brings_another_row_and_judges_nothing(
    cast: Cast, lamp: Category, browser_of: BrowserOf
) -> None:
    client = browser_of(cast.sysadmin)
    answer = client.post(EDIT, sent(client, name="", reason="写了一半") | {"add_row": "1"})
    assert answer.status_code == 200
    assert 'name="field-2-label"' in words(answer) and "写了一半" in words(answer)
    assert "gz-errors" not in words(answer) and "is-wrong" not in words(answer)
    assert lamp.versions.count() == 1


@pytest.mark.parametrize(
    ("given", "index"), [("3", "field-3-"), ("", "field-0-"), ("-1", "field-0-"), ("²", "field-0-")]
)
def test_a_row_is_brought_in_place(
    cast: Cast, lamp: Category, browser_of: BrowserOf, given: str, index: str
) -> None:
    answer = browser_of(cast.sysadmin).get(f"{LIST}field-row/", {"field-TOTAL_FORMS": given})
    assert answer.status_code == 200 and f'name="{index}label"' in answer.content.decode()
    assert browser_of(cast.sysadmin).get(f"{LIST}field-row/?field-TOTAL_FORMS=40").status_code == 204


def test_a_damaged_count_of_rows_is_told_and_not_a_fault(
    cast: Cast, lamp: Category, browser_of: BrowserOf
) -> None:
    client = browser_of(cast.sysadmin)
    for count in ("", "x", "-3", "99999"):
        for more in ({}, {"add_row": "1"}):
            answer = client.post(EDIT, sent(client) | {"field-TOTAL_FORMS": count} | more)
            assert answer.status_code in (200, 422), (count, more)


def test_a_new_category_is_typed_and_agreed_to(cast: Cast, lamp: Category, browser_of: BrowserOf) -> None:
    client, url = browser_of(cast.sysadmin), f"{LIST}new/?group=11"
    form = {**typed(client, url), "reason": "新增"}
    assert str(form["parent"]) == str(Category.objects.get(code="11").pk)
    content = new_content()
    form |= {key: content[key] for key in ("name", "name_en", "filing_conditions", "closing_conditions")}
    form |= {"department_kind": "urban_management", "code": "1104"}
    answer = client.post(url, form)
    assert answer.status_code == 422 and "已经用过" in words(answer), answer.context["form"].errors
    answer = client.post(url, form | {"code": "1105"})
    assert answer["Location"] == f"{LIST}1105/versions/1/"
    assert "新增，待同意" in words(browser_of(cast.worker).get(LIST))
    assert "还没有执行过" in words(browser_of(cast.worker).get(f"{LIST}1105/"))
    refused = browser_of(cast.centre).post(f"{LIST}1105/versions/1/refuse/", {"reason": "名称不清楚"})
    assert refused.status_code == 302
    assert "1105" not in words(client.get(LIST)) and "名称不清楚" in words(client.get(f"{LIST}1105/"))
    again = client.get(f"{LIST}1105/edit/")
    assert again.status_code == 200 and "路灯不亮" in words(again)


def test_a_category_is_stopped_and_taken_up_again(cast: Cast, lamp: Category, browser_of: BrowserOf) -> None:
    admin, centre = browser_of(cast.sysadmin), browser_of(cast.centre)
    assert admin.post(f"{ONE}use/", {"base": "1", "stop": "1", "reason": ""}).status_code == 422
    answer = admin.post(f"{ONE}use/", {"base": "1", "stop": "1", "reason": "并入别类"})
    assert answer.status_code == 302
    centre.post(f"{ONE}versions/2/agree/")
    assert ">已停用</span>" in words(admin.get(LIST))
    api = browser_of(cast.worker).get("/incidents/report/")
    assert "1104" not in [row["code"] for row in api.context["catalogue"]]
    admin.post(f"{ONE}use/", {"base": "2", "reason": "仍然要用"})
    centre.post(f"{ONE}versions/3/agree/")
    assert ">已停用</span>" not in words(admin.get(LIST))


def test_a_refusal_without_a_reason_is_told(cast: Cast, lamp: Category, browser_of: BrowserOf) -> None:
    version = proposed(cast, lamp)
    answer = browser_of(cast.centre).post(f"{ONE}versions/{version.number}/refuse/", {"reason": " "})
    assert answer.status_code == 422 and 'href="#id_reason"' in words(answer)


def test_who_comes_second_is_told_what_has_been_decided(
    cast: Cast, lamp: Category, browser_of: BrowserOf
) -> None:
    version = proposed(cast, lamp)
    services.withdraw(version, by=cast.sysadmin)
    answer = browser_of(cast.centre).post(f"{ONE}versions/{version.number}/agree/")
    assert answer.status_code == 409 and "已撤回" in words(answer)


def test_what_is_typed_is_never_taken_for_markup(cast: Cast, lamp: Category, browser_of: BrowserOf) -> None:
    client = browser_of(cast.sysadmin)
    evil = "<script>alert(1)</script>"
    form = sent(client, name=evil, closing_conditions=evil, reason=evil) | {"field-0-label": evil}
    assert client.post(EDIT, form).status_code == 302
    for url in (LIST, ONE, f"{ONE}versions/2/"):
        assert evil not in client.get(url).content.decode()
        assert evil not in browser_of(cast.centre).get(url).content.decode()


def test_the_record_of_administration_tells_it_in_words(
    cast: Cast, lamp: Category, browser_of: BrowserOf
) -> None:
    services.agree(proposed(cast, lamp, times(file=[30, "clock_minutes"])), by=cast.centre)
    shown = words(browser_of(cast.auditor).get("/audit/"))
    for word in ("提出目录改动", "同意目录改动", "1104 暴露垃圾", "修改内容", "缩短立案时限"):
        assert word in shown, word
