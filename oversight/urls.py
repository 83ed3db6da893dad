"""The pages of oversight (看板)."""

from __future__ import annotations

from django.urls import path

from oversight.views import assessments, board, bulletins, figures, map

app_name = "oversight"

urlpatterns = [
    path("", board.home, name="home"),
    path("board/", board.board_page, name="board"),
    path("centre/", board.centre_page, name="centre"),
    path("wall/", board.wall_page, name="wall"),
    path("board/<slug:table>.<str:ending>", board.board_file, name="board_file"),
    path("figures/", figures.figures_page, name="figures"),
    path("figures/file.<str:ending>", figures.figures_file, name="figures_file"),
    path("behind/", figures.behind_page, name="behind"),
    path("behind/file.<str:ending>", figures.behind_file, name="behind_file"),
    path("map/", map.map_page, name="map"),
    path("map/data/", map.map_data, name="map_data"),
    path("map/points.geojson", map.map_points, name="map_points"),
    path("bulletins/", bulletins.index, name="bulletins"),
    path("bulletins/<int:pk>/", bulletins.page, name="bulletin"),
    path("bulletins/<int:pk>/tables/<int:number>/", bulletins.table_page, name="bulletin_table"),
    path("bulletins/<int:pk>/file.pdf", bulletins.pdf, name="bulletin_pdf"),
    path("bulletins/<int:pk>/file.xlsx", bulletins.excel, name="bulletin_excel"),
    path("assessments/", assessments.index, name="assessments"),
    path("assessments/<int:pk>/", assessments.page, name="assessment"),
    path("assessments/<int:pk>/items/", assessments.items, name="assessment_items"),
    path("assessments/<int:pk>/open/", assessments.step, {"name": "open"}, name="assessment_open"),
    path("assessments/<int:pk>/count/", assessments.step, {"name": "count"}, name="assessment_count"),
    path("assessments/<int:pk>/publish/", assessments.step, {"name": "publish"}, name="assessment_publish"),
    path("assessments/<int:pk>/sign/", assessments.step, {"name": "sign"}, name="assessment_sign"),
    path("assessments/<int:pk>/file.xlsx", assessments.year_excel, name="assessment_excel"),
    path("assessments/sheets/<int:pk>/", assessments.sheet, name="assessment_sheet"),
    path("assessments/sheets/<int:pk>/mark/<int:item>/", assessments.mark, name="assessment_mark"),
    path("assessments/sheets/<int:pk>/appeal/<int:item>/", assessments.appeal, name="assessment_appeal"),
    path("assessments/sheets/<int:pk>/decide/<int:item>/", assessments.decide, name="assessment_decide"),
    path("assessments/sheets/<int:pk>/file.xlsx", assessments.sheet_excel, name="assessment_sheet_excel"),
    path("assessments/sheets/<int:pk>/file.pdf", assessments.sheet_pdf, name="assessment_sheet_pdf"),
    path("definitions/", figures.definitions_page, name="definitions"),
]
