"""The pages of mediation. An action's address is the dispute's with the action behind it, as in the API."""

from __future__ import annotations

from django.urls import path, re_path

import cases.converters  # noqa: F401 - names the shape of a case's number
from mediation.views import desk, entry, figures, page, papers, registers, sessions

app_name = "mediation"

urlpatterns = [
    path("", desk.home, name="home"),
    path("todo/", desk.todo, name="todo"),
    path("list/", desk.dispute_list, name="list"),
    re_path(r"^list/file\.(?P<ending>xlsx|csv)$", desk.list_file, name="list_file"),
    path("new/", entry.new, name="new"),
    path("fast/", entry.fast, name="fast"),
    path("overview/", figures.overview_page, name="overview"),
    path("figures/", figures.figures_page, name="figures"),
    re_path(r"^figures/file\.(?P<ending>xlsx|csv)$", figures.figures_file, name="figures_file"),
    path("subsidies/", figures.subsidies, name="subsidies"),
    path("subsidies/payments.xlsx", figures.payment_list, name="payment_list"),
    path("calendar/", sessions.calendar, name="calendar"),
    path("calendar/feed.ics", sessions.feed, name="feed"),
    path("committees/", registers.committees, name="committees"),
    path("committees/new/", registers.committee, name="new_committee"),
    path("committees/<int:pk>/", registers.committee, name="committee"),
    path("experts/", registers.experts, name="experts"),
    path("experts/new/", registers.expert, name="new_expert"),
    path("experts/<int:pk>/", registers.expert, name="expert"),
    path("templates/", papers.templates, name="templates"),
    path("templates/<slug:code>/", papers.template, name="template"),
    path("templates/<slug:code>/<slug:kind>/", papers.template_file, name="template_file"),
    path("<case_number:number>/", page.case_page, name="case"),
    path("<case_number:number>/live/", page.live, name="live"),
    path("<case_number:number>/why-not/", page.why_not, name="why_not"),
    path("<case_number:number>/fast/", entry.fast_sign, name="fast_sign"),
    path("<case_number:number>/slip/", entry.slip, name="slip"),
    path("<case_number:number>/papers/", papers.papers, name="papers"),
    path("<case_number:number>/papers/make/", papers.make, name="make_paper"),
    path("<case_number:number>/session/<int:pk>/", sessions.session, name="session"),
    path("<case_number:number>/session/<int:pk>/keep/", sessions.keep, name="keep_session"),
    path("<case_number:number>/reveal/", page.reveal, name="reveal"),
    path("<case_number:number>/<slug:action>/", page.action, name="action"),
    path("<case_number:number>/<slug:table>/<int:pk>/<slug:action>/", page.action, name="row_action"),
]
