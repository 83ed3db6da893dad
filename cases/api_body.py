"""What a program sends, read strictly: every field by name and kind, so that a typo is not lost silently.

Both JSON and forms end up as forms read them: text, numbers as text, booleans, lists of text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO, Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from cases.errors import Incomplete

# Fields of a page's form that are not content.
_NOT_CONTENT: Final = frozenset({"csrfmiddlewaretoken"})


class StrictJSONParser(JSONParser):
    """JSON in UTF-8, of limited size and depth, without NaN and without half characters."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        assert limit is not None
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise RequestDataTooBig
        try:
            data = json.loads(raw.decode(), parse_constant=_refuse_constant)
            # Half of a surrogate pair can be written in JSON, but not kept anywhere.
            json.dumps(data, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise ParseError(_("内容不是正确的 JSON（UTF-8）。")) from error
        return data


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


class Kind(StrEnum):
    """How a field is sent."""

    TEXT = "text"
    CODE = "code"  # text, or a whole number such as an id
    NUMBER = "number"
    INTEGER = "integer"
    FLAG = "flag"
    CODES = "codes"  # a list of ids
    NAMES = "names"  # a list of texts
    OBJECT = "object"  # names with plain values
    ROWS = "rows"  # a list of objects with plain values
    FILES = "files"


@dataclass(frozen=True, slots=True)
class Body:
    """The fields that were sent, as forms take them; what was left out or null is absent."""

    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, list[UploadedFile[Any]]] = field(default_factory=dict)


class _Wrong(Exception):
    """What is wrong with one field, in words."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(str(message))


_TEXT: Final = gettext_lazy("要填文字。")
_UPLOAD: Final = gettext_lazy("照片和文件要用 multipart/form-data 提交。")


def read(request: Request, kinds: Mapping[str, Kind]) -> Body:
    """The body of a request, whose fields are named with their kinds.

    Raises Incomplete naming every field that is not known or of another kind, and what the parsers raise.
    """
    data: Any = request.data
    body, errors = Body(), {}
    if isinstance(data, QueryDict):
        # Of the two readings of a form only this one keeps files and fields apart.
        sent: Any = {name: request.POST.getlist(name) for name in request.POST if name not in _NOT_CONTENT}
        files = {name: list(request.FILES.getlist(name)) for name in request.FILES}
        readers = _FROM_FORM
    elif isinstance(data, dict):
        sent, files, readers = data, {}, _FROM_JSON
    else:
        message = _("内容要是一个 JSON 对象。")
        raise Incomplete(message, errors={"": [message]})
    for name in (*sent, *files):
        try:
            _take(body, name, kinds.get(name), sent.get(name), files.get(name), readers)
        except _Wrong as wrong:
            errors[str(name)] = [str(wrong)]
    if errors:
        raise Incomplete(_("有内容需要补充或改正。"), errors=errors)
    return body


Reader = Callable[[Any], Any]


def _take(
    body: Body,
    name: str,
    kind: Kind | None,
    value: Any,
    files: list[UploadedFile[Any]] | None,
    readers: Mapping[Kind, Reader],
) -> None:
    if kind is None:
        raise _Wrong(_("没有这一项。"))
    if files is not None:
        if kind != Kind.FILES:
            raise _Wrong(_TEXT)
        body.files[name] = files
    elif value is not None:
        taken = readers[kind](value)
        if taken is not None:
            body.values[name] = taken


def _sound(text: str) -> str:
    if "\0" in text:
        raise _Wrong(_("含有不能保存的字符。"))
    return text


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong(_TEXT)
    return _sound(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _code(value: Any) -> str:
    return str(value) if _is_whole(value) else _text(value)


def _number(value: Any) -> str:
    if not (_is_whole(value) or isinstance(value, float)):
        raise _Wrong(_("要填数字。"))
    return str(value)


def _integer(value: Any) -> str:
    if not _is_whole(value):
        raise _Wrong(_("要填整数。"))
    return str(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(_("要填 true 或 false。"))
    return value


def _codes(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise _Wrong(_("要填一个列表。"))
    return [_code(one) for one in value]


def _plain(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        raise _Wrong(_("每一项要是文字、数字、true 或 false。"))
    return _sound(value) if isinstance(value, str) else value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong(_("要填一个对象。"))
    return {_sound(name): _plain(one) for name, one in value.items()}


def _rows(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise _Wrong(_("要填一个列表。"))
    return [_object(one) for one in value]


def _upload(value: Any) -> None:
    raise _Wrong(_UPLOAD)


_FROM_JSON: Final[Mapping[Kind, Reader]] = {
    Kind.TEXT: _text,
    Kind.CODE: _code,
    Kind.NUMBER: _number,
    Kind.INTEGER: _integer,
    Kind.FLAG: _flag,
    Kind.CODES: _codes,
    Kind.NAMES: lambda value: [_text(one) for one in _codes(value)],
    Kind.OBJECT: _object,
    Kind.ROWS: _rows,
    Kind.FILES: _upload,
}


# --- forms: every field is a list of texts


def _last(values: Iterable[str]) -> str:
    return _sound(list(values)[-1])


def _form_flag(values: list[str]) -> bool:
    said = _last(values).strip().lower()
    if said not in _SAID:
        raise _Wrong(_("要填 true 或 false。"))
    return _SAID[said]


_SAID: Final = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False, "": False}


def _form_json(read_as: Reader) -> Reader:
    """An object or a list inside a form is sent as JSON."""

    def made(values: list[str]) -> Any:
        text = _last(values)
        if not text.strip():
            return None
        try:
            value = json.loads(text, parse_constant=_refuse_constant)
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise _Wrong(_("内容不是正确的 JSON（UTF-8）。")) from error
        return read_as(value)

    return made


def _no_file(values: list[str]) -> None:
    """A form's empty file field comes as an empty text."""
    if any(values):
        raise _Wrong(_UPLOAD)


_FROM_FORM: Final[Mapping[Kind, Reader]] = {
    **dict.fromkeys((Kind.TEXT, Kind.CODE, Kind.NUMBER, Kind.INTEGER), _last),
    Kind.FLAG: _form_flag,
    **dict.fromkeys((Kind.CODES, Kind.NAMES), lambda values: [_sound(one) for one in values if one]),
    Kind.OBJECT: _form_json(_object),
    Kind.ROWS: _form_json(_rows),
    Kind.FILES: _no_file,
}
