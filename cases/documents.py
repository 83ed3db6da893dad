"""Letters and tables (PDF, DOCX, XLSX): checked by content, kept as they came, never opened in a page."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Final
from xml.parsers import expat

from django.utils.translation import gettext as _

from cases.filetypes import DOCX, XLSX, BadFile, FileType

MAX_ENTRIES: Final = 3000
MAX_UNPACKED: Final = 200 * 1024 * 1024
MAX_RATIO: Final = 200
_TYPES_NAME: Final = "[Content_Types].xml"
_MAX_TYPES: Final = 1024 * 1024
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_MAIN_PARTS: Final = {
    f"{_OFFICE}wordprocessingml.document.main+xml": DOCX,
    f"{_OFFICE}spreadsheetml.sheet.main+xml": XLSX,
}
_MACRO_MARKS: Final = ("macroenabled", "vbaproject", "macrosheet", "activex")
_MARKUP: Final = (b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<iframe", b"<svg", b"<?php")


def check_pdf(data: bytes) -> None:
    """A PDF from the first byte to the last and nothing else beside it. Raises BadFile otherwise."""
    end = data.rfind(b"%%EOF")
    if end < 0 or b"startxref" not in data[max(0, end - 2048) : end]:
        raise BadFile(_("PDF 不完整，可能没有下载完。请重新导出或重新下载后再上传。"))
    head = data[:2048].lower()
    if any(mark in head for mark in _MARKUP) or data[end + 5 :].strip(b"\0 \r\n\t") or _ends_as_zip(data):
        raise BadFile(_("这个 PDF 里夹带了别的内容。请用“打印成 PDF”重新生成后再上传。"))


def _ends_as_zip(data: bytes) -> bool:
    """Whether the end of the file is also the end of a zip archive (a file that is two things at once)."""
    start = data.rfind(b"PK\x05\x06")
    return start >= 0 and start + 22 + int.from_bytes(data[start + 20 : start + 22], "little") == len(data)


def check_office(data: bytes) -> FileType:
    """Which of DOCX and XLSX a zip container is. Raises BadFile for others, for macros and for bombs."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            types = _content_types(archive)
            return _main_type(types, {entry.filename.lower() for entry in entries})
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise BadFile(_("文件不完整或已损坏，打不开。请重新保存后再上传。")) from error


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 4096):
        raise BadFile(_("文件解压后太大，不能上传。请删去多余内容，或打印成 PDF 再上传。"))
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise BadFile(_("文件加了密码。请去掉密码后再上传。"))
    if any(_has_macro(entry.filename) for entry in entries):
        raise BadFile(_has_macros())


def _has_macro(text: str) -> bool:
    return any(mark in text.lower() for mark in _MACRO_MARKS)


def _has_macros() -> str:
    return _("文件里有宏或控件，不能上传。请另存为不带宏的 DOCX、XLSX，或打印成 PDF。")


def _not_office() -> str:
    return _("这是压缩包，不是 DOCX 或 XLSX。请解压后逐个上传里面的文件。")


def _content_types(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """(part name, content type) of every declared part."""
    try:
        with archive.open(_TYPES_NAME) as stream:
            xml = stream.read(_MAX_TYPES + 1)
    except KeyError as error:
        raise BadFile(_not_office()) from error
    if len(xml) > _MAX_TYPES:
        raise BadFile(_("文件解压后太大，不能上传。请删去多余内容，或打印成 PDF 再上传。"))
    return _overrides(xml)


def _overrides(xml: bytes) -> list[tuple[str, str]]:
    """Read the declarations without ever expanding an entity: a document type in there is refused."""
    found: list[tuple[str, str]] = []

    def refuse(*_args: object) -> None:
        raise BadFile(_("文件的内部结构不对，不能上传。请重新保存后再上传。"))

    def element(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(" ")[2] in ("Override", "Default"):
            found.append((attributes.get("PartName", ""), attributes.get("ContentType", "")))

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = element
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise BadFile(_("文件的内部结构不对，不能上传。请重新保存后再上传。")) from error
    return found


def _main_type(types: list[tuple[str, str]], names: set[str]) -> FileType:
    if any(_has_macro(content_type) for _part, content_type in types):
        raise BadFile(_has_macros())
    for part, content_type in types:
        if content_type in _MAIN_PARTS and part.lstrip("/").lower() in names:
            return _MAIN_PARTS[content_type]
    raise BadFile(_not_office())
