"""A few drawn pictures for the demo: plain shapes of nothing and nobody, called 示意照片."""

from __future__ import annotations

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

from cases.attachments import Prepared, prepare

SIZE = (960, 720)
GROUNDS = ((176, 190, 197), (200, 214, 185), (214, 200, 180), (188, 200, 220))
FONTS = ("NotoSansCJK-Regular.ttc", "wqy-zenhei.ttc", "wqy-microhei.ttc", "PingFang.ttc")


def drawn() -> list[Prepared]:
    """The pictures, checked and re-encoded like any upload."""
    return [prepare(_upload(number, ground), picture_only=True) for number, ground in enumerate(GROUNDS, 1)]


def _upload(number: int, ground: tuple[int, int, int]) -> SimpleUploadedFile:
    image = Image.new("RGB", SIZE, ground)
    draw = ImageDraw.Draw(image)
    dark = (ground[0] - 50, ground[1] - 50, ground[2] - 50)
    draw.rectangle((0, 470, *SIZE), fill=dark)
    draw.rectangle((120, 240, 380, 470), fill=(150, 120, 100), outline=(90, 70, 60), width=6)
    for step in range(number + 2):
        x = 460 + 90 * step
        draw.ellipse((x, 520 - 18 * step, x + 120, 620), fill=(90 + 20 * step, 110, 80))
    caption, font = _caption()
    draw.text((30, 30), f"{caption} {number}", fill=(60, 60, 60), font=font)
    out = BytesIO()
    image.save(out, "JPEG", quality=80)
    return SimpleUploadedFile(f"示意照片{number}.jpg", out.getvalue(), "image/jpeg")


def _caption() -> tuple[str, ImageFont.FreeTypeFont | ImageFont.ImageFont]:
    """The words in the picture: Chinese where the machine has letters for them."""
    for name in FONTS:
        try:
            return "示意照片", ImageFont.truetype(name, 40)
        except OSError:
            continue
    return "demo picture", ImageFont.load_default(40)
