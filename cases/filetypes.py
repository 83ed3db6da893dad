"""What a file is by its bytes. Its name only has to agree; what a browser claims is not read at all."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.errors import CaseError


class BadFile(CaseError):
    """This file is not taken; the message says what is wrong with it and what to do."""

    status = 422
    code = "bad_file"


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file that is taken: its content type and the ending it is stored under."""

    label: Promise | str
    content_type: str
    ending: str
    picture: bool = False


JPEG: Final = FileType("JPEG", "image/jpeg", "jpg", picture=True)
PNG: Final = FileType("PNG", "image/png", "png", picture=True)
WEBP: Final = FileType("WebP", "image/webp", "webp", picture=True)
PDF: Final = FileType("PDF", "application/pdf", "pdf")
DOCX: Final = FileType(
    "DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"
)
XLSX: Final = FileType("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")

# What a name's ending promises. Pictures may carry each other's endings: messengers rename them freely.
ENDINGS: Final = {
    "jpg": "picture",
    "jpeg": "picture",
    "png": "picture",
    "webp": "picture",
    "pdf": "pdf",
    "docx": "docx",
    "xlsx": "xlsx",
}
MAX_NAME: Final = 120
_HEIF_BRANDS: Final = (
    b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis",
)  # fmt: skip
_TAKEN: Final = gettext_lazy("照片请用 JPEG、PNG 或 WebP；文件请用 PDF、DOCX 或 XLSX。")

# First bytes of files that people do send and that are not taken, with what to do instead.
_REFUSED: Final = (
    (b"GIF8", gettext_lazy("这是 GIF 动图，不能上传。请另存为 JPEG 或 PNG 照片。")),
    (b"BM", gettext_lazy("这是 BMP 图片，不能上传。请另存为 JPEG 或 PNG。")),
    (b"II*\0", gettext_lazy("这是 TIFF 图片，不能上传。请另存为 JPEG 或 PNG。")),
    (b"MM\0*", gettext_lazy("这是 TIFF 图片，不能上传。请另存为 JPEG 或 PNG。")),
    (
        b"\xd0\xcf\x11\xe0",
        gettext_lazy(
            "这是旧版 Office 文件（DOC、XLS）或加了密码的文件。请去掉密码，另存为 DOCX、XLSX 或 PDF。"
        ),
    ),
    (b"Rar!", gettext_lazy("这是压缩包，不能上传。请解压后逐个上传里面的文件。")),
    (b"7z\xbc\xaf", gettext_lazy("这是压缩包，不能上传。请解压后逐个上传里面的文件。")),
    (b"MZ", gettext_lazy("这是程序文件，不能上传。")),
    (b"\x7fELF", gettext_lazy("这是程序文件，不能上传。")),
)


def sniff(data: bytes) -> FileType | None:
    """The type by the first bytes; None for a zip container, whose parts must tell (see `documents`).

    Raises BadFile, naming what the file seems to be and what to send instead.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data.startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"PK\x03\x04"):
        return None
    raise BadFile(_refusal(data))


def _refusal(data: bytes) -> str:
    if not data.strip(b"\0 \r\n\t"):
        return _("文件是空的。请重新选择。")
    if data[4:8] == b"ftyp":
        if data[8:12] in _HEIF_BRANDS:
            return _(
                "这是 HEIC 照片，不能上传。请在手机“设置—相机—格式”里选“兼容性最佳”后重拍，"
                "或者把照片另存为 JPEG 再上传。"
            )
        return _("这是视频，不能上传。请改拍照片。")
    for magic, message in _REFUSED:
        if data.startswith(magic):
            return str(message)
    head = data[:1024].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if b"<svg" in head:
        return _("这是 SVG 图形，不能上传。请另存为 JPEG 或 PNG。")
    if head.startswith(b"<"):
        return _("这是网页文件，不能上传。请在浏览器里打印成 PDF 再上传。")
    return _("认不出这个文件的内容。%(taken)s") % {"taken": _TAKEN}


def check_ending(name: str, found: FileType) -> None:
    """Raises BadFile when the name's ending promises something other than what the content is."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    promised = ENDINGS.get(ending)
    actual = "picture" if found.picture else found.ending
    if promised is not None and promised != actual:
        raise BadFile(
            _("文件名的结尾是“.%(ending)s”，内容却是 %(found)s。请选原来的文件，不要改文件名的结尾。")
            % {"ending": ending, "found": found.label}
        )


def clean_name(name: str, ending: str) -> str:
    """A name that is safe to show and to download: no path, no control or direction signs, at most 120 signs.

    It ends in the ending of what the file really is, whatever it arrived with.
    """
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    # Category C: control signs, direction overrides, zero-width signs, lone surrogates, private use.
    plain = "".join(sign for sign in plain if not unicodedata.category(sign).startswith("C"))
    plain = re.sub(r'[<>:"|?*%;]', "_", plain)
    plain = re.sub(r"\s+", " ", plain).strip()
    stem = re.sub(r"\.(jpe?g|png|webp|pdf|docx|xlsx)$", "", plain, flags=re.IGNORECASE).strip(" .")
    return f"{(stem or _('附件'))[: MAX_NAME - len(ending) - 1].rstrip(' .')}.{ending}"
