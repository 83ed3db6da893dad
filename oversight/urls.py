"""The pages of oversight (看板)."""

from __future__ import annotations

from django.urls import path

from oversight.views import board, bulletins, figures, map

app_name = "oversight"

urlpatterns = [
    path("", board.home, name="home"),
    path("board/", board.board_page, name="board"),
    path("centre/", board.centre_page, name="centre"),
    path("wall/", board.wall_page, name="wall"),
    path("figures/", figures.figures_page, name="figures"),
    path("figures/file.<str:ending>", figures.figures_file, name="figures_file"),
    path("behind/", figures.behind_page, name="behind"),
    path("behind/file.<str:ending>", figures.behind_file, name="behind_file"),
    path("map/", map.map_page, name="map"),
    path("map/data/", map.map_data, name="map_data"),
    path("map/points.geojson", map.map_points, name="map_points"),
    path("bulletins/", bulletins.index, name="bulletins"),
    path("bulletins/<int:pk>/", bulletins.page, name="bulletin"),
    path("bulletins/<int:pk>/file.pdf", bulletins.pdf, name="bulletin_pdf"),
    path("bulletins/<int:pk>/file.xlsx", bulletins.excel, name="bulletin_excel"),
    path("definitions/", figures.definitions_page, name="definitions"),
]
