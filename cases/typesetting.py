"""Papers as PDF by the typst package, with the Noto Serif SC fonts of an npm package: nothing of the system is used.

Words reach a template only as data (a JSON file beside it), never as markup: what somebody typed prints as it was
typed. See docs/adr/0008-papers-by-typst.md.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typst
from django.conf import settings

FONT_PACKAGE: Final = "@expo-google-fonts/noto-serif-sc"
WEIGHTS: Final = ("400Regular", "700Bold")
FONT: Final = "Noto Serif SC"


class TypesettingFailed(Exception):
    """A paper could not be set: a fault of the template or of the installation; says which."""


def font_folders() -> list[Path]:
    """Where the fonts lie; raises TypesettingFailed when the package is missing."""
    base = Path(settings.GEZHI_NODE_MODULES) / FONT_PACKAGE
    folders = [base / weight for weight in WEIGHTS]
    missing = [str(folder) for folder in folders if not any(folder.glob("*.ttf"))]
    if missing:
        raise TypesettingFailed(f"no fonts in {', '.join(missing)}; install {FONT_PACKAGE} (npm ci)")
    return folders


def typeset(
    template: Path, data: Mapping[str, Any], *, at: datetime, pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """A PDF of a template and its data.

    template: a .typ file that reads `data.json` and the pictures beside it. at: the instant that the document says
    it was made. pictures: JPEG or PNG by file name. Raises TypesettingFailed.
    """
    folders = font_folders()
    with tempfile.TemporaryDirectory(prefix="gezhi-paper-") as name:
        root = Path(name)
        shutil.copyfile(template, root / "main.typ")
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        for file, content in (pictures or {}).items():
            (root / file).write_bytes(content)
        try:
            made = typst.compile(
                str(root / "main.typ"), root=str(root), font_paths=[str(folder) for folder in folders],
                ignore_system_fonts=True, format="pdf", timestamp=int(at.timestamp()),
            )  # fmt: skip
        except (RuntimeError, typst.TypstError) as error:
            raise TypesettingFailed(f"{template.name}: {error}") from error
    assert isinstance(made, bytes)  # no output file was named
    return made
