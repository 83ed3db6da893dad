"""Files as people send them, made on the spot: good ones, damaged ones, disguised ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

GPS_SECRET = b"28 deg 11 min secret"
WORD_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def upload(name: str, data: bytes, claimed: str = "application/octet-stream") -> SimpleUploadedFile:
    """A file as a browser sends it; what it claims to be counts for nothing."""
    return SimpleUploadedFile(name, data, content_type=claimed)


def two_halves(width: int = 400, height: int = 200) -> Image.Image:
    """Red on the left, blue on the right: tells which way up a picture is."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    return image


def jpeg(width: int = 400, height: int = 200, orientation: int | None = None, **extra: Any) -> bytes:
    """A photo with a device, a position, a comment and a colour profile in it."""
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825)[29] = GPS_SECRET.decode()
    if orientation:
        exif[0x0112] = orientation
    out = io.BytesIO()
    two_halves(width, height).save(
        out, "JPEG", exif=exif, comment=b"SecretComment", icc_profile=b"SecretProfile" * 20, **extra
    )
    return out.getvalue()


def png(width: int = 400, height: int = 200, mode: str = "RGB") -> bytes:
    info = PngInfo()
    info.add_text("Author", "SecretAuthor")
    out = io.BytesIO()
    Image.new(mode, (width, height), (0, 0, 0, 0) if mode == "RGBA" else "green").save(
        out, "PNG", pnginfo=info
    )
    return out.getvalue()


def saved(image_format: str, mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (120, 80)).save(out, image_format)
    return out.getvalue()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def huge_png(width: int = 10_000, height: int = 10_000) -> bytes:
    """100 megapixels in a few hundred bytes; the pixels themselves are missing, so decoding cannot succeed."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"\0" * 100))


def huge_jpeg(width: int = 12_000, height: int = 9_000) -> bytes:
    """A photo whose header says 108 megapixels."""
    data = bytearray(jpeg())
    start = data.find(b"\xff\xc0") + 5
    data[start : start + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def heic() -> bytes:
    return b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 200


def pdf(body: bytes = b"1 0 obj << /Type /Catalog >> endobj\n", after: bytes = b"\n") -> bytes:
    return b"%PDF-1.7\n" + body + b"trailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF" + after


def pdf_and_zip() -> bytes:
    """Opens as a letter and unpacks as an archive: the letter's end stands in the archive's comment."""
    return pdf() + zipped({"run.exe": b"MZ"}, comment=b"startxref\n9\n%%EOF\n")


def zipped(entries: dict[str, bytes], comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for name, body in entries.items():
            archive.writestr(name, body)
    return out.getvalue()


def content_types(part: str, main: str, extra: str = "", before: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="{part}" ContentType="{main}"/>{extra}</Types>'
    ).encode()


def docx(**more: bytes) -> bytes:
    types = content_types("/word/document.xml", WORD_MAIN)
    return zipped({"[Content_Types].xml": types, "word/document.xml": b"<w:document/>", **more})


def xlsx(**more: bytes) -> bytes:
    types = content_types("/xl/workbook.xml", SHEET_MAIN)
    return zipped({"[Content_Types].xml": types, "xl/workbook.xml": b"<workbook/>", **more})


def locked(data: bytes) -> bytes:
    """The same archive with every entry marked as encrypted, in both of its tables."""
    found = bytearray(data)
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = found.find(magic)
        while start >= 0:
            found[start + flags] |= 1
            start = found.find(magic, start + 4)
    return bytes(found)
