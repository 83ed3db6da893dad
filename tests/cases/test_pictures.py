"""Photos: taken by content, measured before decoding, turned upright, and drawn anew without anything else."""

from __future__ import annotations

import io
import tracemalloc
from typing import Any

import pytest
from PIL import Image

from cases.attachments import BadFile, Prepared, prepare
from tests.cases import samples


def take(name: str, data: bytes) -> Prepared:
    return prepare(samples.upload(name, data), picture_only=True)


def drawn(prepared: Prepared) -> Image.Image:
    return Image.open(io.BytesIO(prepared.content))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jpg", samples.jpeg()),
        ("a.png", samples.png()),
        ("a.webp", samples.saved("WEBP")),
        ("photo", samples.jpeg()),
        ("messenger-renamed.png", samples.jpeg()),
        ("cmyk.jpg", samples.saved("JPEG", "CMYK")),
        ("palette.png", samples.saved("PNG", "P")),
        ("grey.png", samples.saved("PNG", "LA")),
        ("deep.png", samples.saved("PNG", "I;16")),
    ],
)
def test_a_photo_becomes_a_jpeg_whatever_it_came_as(name: str, data: bytes) -> None:
    found = take(name, data)
    assert (found.content_type, drawn(found).format, drawn(found).mode) == ("image/jpeg", "JPEG", "RGB")
    assert found.name.endswith(".jpg")
    assert (found.width, found.height) == drawn(found).size


@pytest.mark.parametrize("data", [samples.jpeg(), samples.png()])
def test_nothing_of_the_old_file_is_left_but_the_pixels(data: bytes) -> None:
    assert b"Secret" in data
    found = take("a", data)
    for kept in (found.content, found.thumbnail or b""):
        assert b"Secret" not in kept
        assert samples.GPS_SECRET not in kept
        for mark in (b"Exif", b"ICC_PROFILE", b"http://ns.adobe.com", b"\xff\xfe"):
            assert mark not in kept[:1000]
        assert not Image.open(io.BytesIO(kept)).getexif()


# Where red (the left half of the stored pixels) is to be seen, by the camera's mark.
SEEN = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom"}


@pytest.mark.parametrize("orientation", SEEN)
def test_a_photo_stands_upright_before_its_mark_is_removed(orientation: int) -> None:
    image = drawn(take("a.jpg", samples.jpeg(orientation=orientation)))
    width, height = image.size
    assert (width > height) is (orientation < 5)
    points = {
        "left": (5, height // 2),
        "right": (width - 5, height // 2),
        "top": (width // 2, 5),
        "bottom": (width // 2, height - 5),
    }
    reds = {}
    for side, point in points.items():
        colour: Any = image.getpixel(point)
        reds[side] = colour[0]
    assert reds.pop(SEEN[orientation]) > 200
    opposite = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}[SEEN[orientation]]
    assert reds[opposite] < 60


def test_a_photo_is_made_smaller_and_has_a_thumbnail() -> None:
    found = take("a.jpg", samples.jpeg(4000, 3000))
    assert (found.width, found.height) == (2000, 1500)
    assert found.thumbnail is not None
    assert Image.open(io.BytesIO(found.thumbnail)).size == (320, 240)


def test_a_small_photo_is_not_blown_up() -> None:
    found = take("a.jpg", samples.jpeg(100, 50))
    assert (found.width, found.height) == (100, 50)


def test_what_was_transparent_becomes_white() -> None:
    assert drawn(take("a.png", samples.png(mode="RGBA"))).getpixel((50, 50)) == (255, 255, 255)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("data", [samples.huge_png(), samples.huge_jpeg(), samples.huge_png(30_000, 30_000)])
def test_a_hundred_megapixels_are_refused_from_the_header(data: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(BadFile, match="像素太多"):
        take("a", data)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.gif", samples.saved("GIF"), "GIF 动图"),
        ("a.bmp", samples.saved("BMP"), "BMP"),
        ("a.tif", samples.saved("TIFF"), "TIFF"),
        ("IMG_1.HEIC", samples.heic(), "兼容性最佳"),
        ("IMG_1.jpg", samples.heic(), "HEIC"),
        ("a.svg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        ("a.jpg", b"<!DOCTYPE html><script>alert(1)</script>", "网页"),
        ("a.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 50, "视频"),
        ("a.jpg", b"MZ" + b"\0" * 50, "程序"),
        ("a.jpg", b"hello, I am not a picture", "认不出"),
        ("a.jpg", b"\0" * 300, "空的"),
        ("a.jpg", samples.pdf(), r"“\.jpg”，内容却是 PDF"),
        ("letter.pdf", samples.jpeg(), r"“\.pdf”，内容却是 JPEG"),
        ("letter.pdf", samples.pdf(), "只收照片"),
        ("letter.docx", samples.docx(), "只收照片"),
        ("cut.jpg", samples.jpeg()[:-2000], "不完整"),
        ("cut.png", samples.png()[:60], "不完整"),
        ("head.jpg", b"\xff\xd8\xff\xe0" + b"junk" * 50, "不完整"),
    ],
)
def test_what_is_no_photo_is_refused_with_what_to_do(name: str, data: bytes, message: str) -> None:
    with pytest.raises(BadFile, match=message):
        take(name, data)


def test_a_file_over_the_limit_is_refused_unread(settings: Any) -> None:
    settings.GEZHI_MAX_UPLOAD_BYTES = 1024 * 1024
    file = samples.upload("a.jpg", samples.jpeg() + b"\0" * 1024 * 1024)
    with pytest.raises(BadFile, match="最多 1 MB") as caught:
        prepare(file, picture_only=True)
    assert caught.value.code == "file_too_large"


def test_a_broken_orientation_mark_does_not_spoil_the_photo() -> None:
    data = samples.jpeg(orientation=6)
    start = data.find(b"Exif\0\0") + 6
    broken = data[:start] + b"MM\0*\xff\xff\xff\xff" + data[start + 8 :]
    found = take("a.jpg", broken)
    assert (found.width, found.height) == (400, 200)
