"""Pages of the API: by where the last one ended, so that rows coming in between move nothing, and never counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

from cases import keyset
from cases.errors import Incomplete

PAGE_SIZE: Final = 50
MAX_PAGE_SIZE: Final = 200


class Pages(BasePagination):
    """50 rows, at most 200, with the addresses of the pages before and after.

    `key` is an instant that every row carries; equal ones are told apart by the primary key. A view whose order
    depends on the request has `page_order(request) -> (key, descending)`.
    """

    key: str = "sort_key"
    descending: bool = True
    parameters: ClassVar[frozenset[str]] = frozenset({"after", "before", "page_size", "format"})

    def paginate_queryset(
        self, queryset: QuerySet[Any, Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any]:
        assert isinstance(queryset, QuerySet)
        self.request = request
        chosen = getattr(view, "page_order", None)
        key, descending = chosen(request) if chosen is not None else (self.key, self.descending)
        size, marks = self._asked(request)
        self.page = keyset.page(queryset, key, marks, size=size, descending=descending, restart=False)
        return self.page.rows

    @staticmethod
    def _asked(request: Request) -> tuple[int, dict[str, str]]:
        """How many rows from where; raises Incomplete for what is no size and no mark of ours."""
        size = request.query_params.get("page_size", str(PAGE_SIZE))
        marks = {name: request.query_params.get(name, "") for name in ("after", "before")}
        errors = {
            name: [_("请照抄上一页给出的地址。")]
            for name, mark in marks.items()
            if mark and not keyset.is_mark(mark)
        }
        if not (size.isascii() and size.isdecimal() and len(size) < 4 and 1 <= int(size) <= MAX_PAGE_SIZE):
            errors["page_size"] = [_("每页要是 1 到 %(most)d 条。") % {"most": MAX_PAGE_SIZE}]
        if errors:
            raise Incomplete(_("有内容需要补充或改正。"), errors=errors)
        return int(size), marks

    def _link(self, name: str, mark: str) -> str | None:
        if not mark:
            return None
        url = self.request.build_absolute_uri()
        for other in ("after", "before"):
            url = remove_query_param(url, other)
        return str(replace_query_param(url, name, mark))

    def get_paginated_response(self, data: Any) -> Response:
        links = {
            "next": self._link("after", self.page.after),
            "previous": self._link("before", self.page.before),
        }
        return Response({**links, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        properties = {"next": link, "previous": link, "results": schema}
        return {"type": "object", "required": list(properties), "properties": properties}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        mark = "A mark from the address of a neighbouring page; follow `next` and `previous` instead of making one."
        size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
        return [
            *(
                {
                    "name": name,
                    "in": "query",
                    "required": False,
                    "description": mark,
                    "schema": {"type": "string"},
                }
                for name in ("after", "before")
            ),
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "description": "Rows a page.",
                "schema": size,
            },
        ]
