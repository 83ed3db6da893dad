"""A few drawn pictures for the demo: plain shapes with the words 示意照片, of nothing and nobody."""

from __future__ import annotations

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from cases.attachments import Prepared, prepare

GROUNDS = [(176, 190, 197), (200, 214, 185), (214, 200, 180), (188, 200, 220)]


def drawn() -> list[Prepared]:
    """The pictures, checked and re-encoded like any upload."""
    return [prepare(_upload(number, ground), picture_only=True) for number, ground in enumerate(GROUNDS, 1)]


def _upload(number: int, ground: tuple[int, int, int]) -> SimpleUploadedFile:
    image = Image.new("RGB", (960, 720), ground)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 470, 960, 720), fill=tuple(part - 50 for part in ground))
    draw.rectangle((120, 240, 380, 470), fill=(150, 120, 100), outline=(90, 70, 60), width=6)
    for step in range(number + 2):
        x = 460 + 90 * step
        draw.ellipse((x, 520 - 18 * step, x + 120, 620), fill=(90 + 20 * step, 110, 80))
    draw.text((30, 30), f"demo picture {number}", fill=(60, 60, 60))
    out = BytesIO()
    image.save(out, "JPEG", quality=80)
    return SimpleUploadedFile(f"示意照片{number}.jpg", out.getvalue(), "image/jpeg")
