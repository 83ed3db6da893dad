"""The pages of incidents. An action's address is the case's with the action behind it, as in the API."""

from __future__ import annotations

from django.urls import path

import cases.converters  # noqa: F401 - names the shape of a case's number
from incidents.views import bulk, categories, desk, intake, lists, overdue, page, report

app_name = "incidents"

urlpatterns = [
    path("", lists.all_incidents, name="list"),
    path("desk/", desk.desk, name="desk"),
    path("todo/", desk.todo, name="todo"),
    path("report/", report.report_page, name="report"),
    path("report/fields/", report.extra_fields, name="report_fields"),
    path("intake/", intake.intake, name="intake"),
    path("duplicates/", intake.likely_duplicates, name="duplicates"),
    path("map/", lists.on_map, name="map"),
    path("points.geojson", lists.points, name="points"),
    path("export.csv", lists.as_csv, name="csv"),
    path("export.xlsx", lists.as_excel, name="excel"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("overdue/", overdue.overdue, name="overdue"),
    path("categories/", categories.categories, name="categories"),
    path("categories/new/", categories.new, name="category_new"),
    path("categories/field-row/", categories.field_row, name="category_field_row"),
    path("categories/<slug:code>/", categories.category, name="category"),
    path("categories/<slug:code>/edit/", categories.edit, name="category_edit"),
    path("categories/<slug:code>/use/", categories.use, name="category_use"),
    path("categories/<slug:code>/versions/<int:version>/", categories.version, name="category_version"),
    path("categories/<slug:code>/versions/<int:version>/agree/", categories.agree, name="category_agree"),
    path("categories/<slug:code>/versions/<int:version>/refuse/", categories.refuse, name="category_refuse"),
    path(
        "categories/<slug:code>/versions/<int:version>/withdraw/",
        categories.withdraw,
        name="category_withdraw",
    ),
    path("<case_number:number>/", page.case_page, name="case"),
    path("<case_number:number>/live/", page.live, name="live"),
    path("<case_number:number>/why-not/", page.why_not, name="why_not"),
    path("<case_number:number>/print/", page.print_view, name="print"),
    path("<case_number:number>/reveal/", page.reveal, name="reveal"),
    path("<case_number:number>/sent/", report.sent, name="sent"),
    path("<case_number:number>/slip/", intake.slip, name="slip"),
    path("<case_number:number>/<slug:action>/", page.action, name="action"),
]
