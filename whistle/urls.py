"""The pages of whistles. An action's address is the whistle's with the action behind it, as in the API."""

from __future__ import annotations

from django.urls import path

import cases.converters  # noqa: F401 - names the shape of a case's number
from whistle.views import board, draft, lists, page, paper

app_name = "whistle"

urlpatterns = [
    path("", board.home, name="home"),
    path("board/", board.board, name="board"),
    path("todo/", board.todo, name="todo"),
    path("mine/", board.mine, name="mine"),
    path("ledger/", lists.ledger_page, name="list"),
    path("ledger/export.xlsx", lists.ledger_excel, name="ledger_excel"),
    path("ledger/export.csv", lists.ledger_csv, name="ledger_csv"),
    path("negative/", lists.negative_list, name="negative"),
    path("negative/export.xlsx", lists.negative_excel, name="negative_excel"),
    path("figures/", lists.figures_page, name="figures"),
    path("figures/export.xlsx", lists.figures_excel, name="figures_excel"),
    path("new/", draft.new, name="new"),
    path("new/suggested/", draft.suggested, name="suggested"),
    path("contact/", page.contact, name="contact"),
    path("<case_number:number>/", page.case_page, name="case"),
    path("<case_number:number>/live/", page.live, name="live"),
    path("<case_number:number>/why-not/", page.why_not, name="why_not"),
    path("<case_number:number>/file.pdf", paper.pdf, name="pdf"),
    path("<case_number:number>/report-in/<int:pk>/", page.report_in, name="report_in"),
    path("<case_number:number>/<slug:action>/", page.action, name="action"),
    path("<case_number:number>/<slug:table>/<int:pk>/<slug:action>/", page.action, name="row_action"),
]
