"""Photos: measured before they are decoded, turned upright, made smaller, and drawn anew.

The new JPEG is made from the pixels alone: position (GPS), device, time, comments and profile are gone.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from cases.filetypes import BadFile

MAX_EDGE: Final = 2000
THUMB_EDGE: Final = 320
PRINT_EDGE: Final = 1000
_ORIENTATION: Final = 0x0112
_UPRIGHT: Final = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_270,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_90,),
}
# What a damaged or hostile file makes the decoder raise.
_DECODER_ERRORS: Final = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError,
                          struct.error, OverflowError, MemoryError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo ready to be kept. Sizes in pixels."""

    content: bytes
    thumbnail: bytes
    width: int
    height: int


def redraw(data: bytes) -> Picture:
    """The photo as a new JPEG of at most 2000 pixels an edge, and a thumbnail of at most 320.

    Raises BadFile when it has too many pixels (read from its header, nothing decoded) or is damaged.
    """
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as image:
            _check_pixels(image)
            full = _flat(_upright(_smaller(image)))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadFile(_too_many_pixels()) from error
    except (UnidentifiedImageError, *_DECODER_ERRORS) as error:
        raise BadFile(_("照片不完整或已损坏，打不开。请重拍，或重新导出后再上传。")) from error
    thumb = full.copy()
    thumb.thumbnail((THUMB_EDGE, THUMB_EDGE), Image.Resampling.LANCZOS)
    return Picture(_jpeg(full, 85), _jpeg(thumb, 80), full.width, full.height)


def _check_pixels(image: Image.Image) -> None:
    """JPEG is decoded at a reduced scale and so costs less memory; other formats get half the allowance."""
    limit = settings.GEZHI_MAX_PIXELS if image.format in ("JPEG", "MPO") else settings.GEZHI_MAX_PIXELS // 2
    if image.width * image.height > limit:
        raise BadFile(_too_many_pixels(limit))


def _too_many_pixels(limit: int | None = None) -> str:
    return _("照片的像素太多（最多 %(limit)s 万像素）。请在相机里选小一点的尺寸，或先缩小再上传。") % {
        "limit": (limit or settings.GEZHI_MAX_PIXELS) // 10_000
    }


def _smaller(image: Image.Image) -> Image.Image:
    image.draft("RGB", (MAX_EDGE, MAX_EDGE))
    if image.mode not in ("RGB", "RGBA", "L"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((MAX_EDGE, MAX_EDGE), Image.Resampling.LANCZOS)
    return image


def _upright(image: Image.Image) -> Image.Image:
    """Turn the pixels as the camera's orientation mark says; an unreadable mark means none."""
    try:
        mark = image.getexif().get(_ORIENTATION)
    except _DECODER_ERRORS:
        mark = None
    for step in _UPRIGHT.get(mark if isinstance(mark, int) else 1, ()):
        image = image.transpose(step)
    return image


def _flat(image: Image.Image) -> Image.Image:
    """The pixels alone, on white: a fresh image that carries none of the old one's information."""
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return flat


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


def for_print(content: bytes) -> bytes:
    """A stored picture as JPEG, no larger than half a page needs at 200 dots an inch."""
    with Image.open(io.BytesIO(content)) as picture:
        drawn = picture.convert("RGB")
    drawn.thumbnail((PRINT_EDGE, PRINT_EDGE), Image.Resampling.LANCZOS)
    return _jpeg(drawn, 82)
