"""The documentation of the API: what every operation has in common, and the page that shows it."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

PROBLEM: Final = "Problem"
TYPE: Final = "application/problem+json"
_TEXT: Final = {"type": "string"}
PROBLEM_SCHEMA: Final = {
    "type": "object",
    "description": "A problem document (RFC 9457). `code` is stable and for programs; the words are for people, in "
    "the caller's language.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": {**_TEXT, "example": "wrong_state"},
        "state": {**_TEXT, "description": "With 409: where the case stands now."},
        "errors": {
            "type": "object",
            "description": "With 422: messages by field; what concerns the whole is under the empty name.",
            "additionalProperties": {"type": "array", "items": _TEXT},
        },
        "offered": {
            "type": "object",
            "description": "With the code `confirm_grid`: the schematic cell to ask the person about.",
            "properties": {"code": _TEXT, "name": _TEXT, "path": _TEXT},
        },
    },
}
MEANS: Final = {
    400: "The request cannot be read.",
    401: "Not signed in, or the token is over.",
    403: "Not for one's post.",
    404: "No such thing within one's posts.",
    409: "Not in the present `state`; somebody may have been quicker.",
    413: "Too large.",
    415: "Neither JSON nor a form.",
    422: "Something is missing or wrong, by field under `errors`; or a used Idempotency-Key came with another body.",
    429: "Too many requests; see Retry-After.",
}
POST_HEADER: Final = {
    "name": "X-Gezhi-Post",
    "in": "header",
    "required": False,
    "description": "The id of the post to act under (see `me/`). Without it any post of the caller's that may.",
    "schema": {"type": "integer"},
}
KEY_HEADER: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1 to 80 visible ASCII characters, new for every press. The same key and body within 30 days give "
    "the first answer again and do nothing twice; another body under a used key is refused.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 80},
}
TOKEN_PATH: Final = "/api/v1/auth/token/"


class Generator(SchemaGenerator):
    """Adds to every operation what the whole API promises: its problems and its headers."""

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        schema: dict[str, Any] = super().get_schema(request, public)  # type: ignore[no-untyped-call]
        schema["components"]["schemas"][PROBLEM] = PROBLEM_SCHEMA
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                _complete(path, method, operation)
        return schema


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    posts = method == "post"
    statuses = {401, 403, 404, 422, 429} | ({400, 409, 413, 415} if posts else set())
    if path == TOKEN_PATH:
        statuses -= {404, 409}
    else:
        headers = [POST_HEADER, KEY_HEADER] if posts else [POST_HEADER]
        operation.setdefault("parameters", []).extend(headers)
    content = {TYPE: {"schema": {"$ref": f"#/components/schemas/{PROBLEM}"}}}
    for status in sorted(statuses):
        answer = operation["responses"].setdefault(str(status), {"description": MEANS[status]})
        answer["content"] = content


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tells the documentation of the browser's session."""

    target_class = "accounts.authentication.PostSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        words = "The browser's session; a POST also needs the header X-CSRFToken."
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME, "description": words}


class SchemaView(SpectacularAPIView):
    """The schema, open to everybody: it says nothing about any case."""

    generator_class = Generator


class DocsView(SpectacularSwaggerSplitView):
    """The schema to read and try out, from our own server, without any script inside the page."""

    url_name = "api-schema"
    template_name = "api/docs.html"
