"""Scripts and style sheets against the oldest browsers that offices keep: "browserslist" in package.json.

All scripts that pages load are checked, our own and those of packages, for syntax and for what they call. Of style sheets
our own are: Tabler uses newer CSS for much that pages here do not, and tests/ui/test_old_browsers.py looks at what is left of
the pages without it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from config.bootstrap import BASE_DIR, node
from config.finders import VENDOR

PACKAGES: Final = BASE_DIR / "node_modules"


def scripts() -> list[Path]:
    """Every script that a page may load."""
    vendor = [PACKAGES / path for path in VENDOR.values() if path.endswith(".js")]
    return [*sorted((BASE_DIR / "static" / "js").glob("*.js")), *vendor]


def sheets() -> list[Path]:
    """Our own style sheets."""
    return sorted((BASE_DIR / "static" / "css").glob("*.css"))


def _run(program: Path, *arguments: str | Path) -> bool:
    command = [*node(), program, *arguments]
    return subprocess.run(command, cwd=BASE_DIR, stdin=subprocess.DEVNULL, check=False).returncode == 0


def scripts_pass(found: Iterable[Path]) -> bool:
    """Whether all of these scripts run in the oldest browser; what does not is printed."""
    oldest = json.loads((BASE_DIR / "package.json").read_text(encoding="utf-8"))["browserslist"]
    query = f"--browserslistQuery={', '.join(oldest)}"
    return _run(
        PACKAGES / "es-check" / "lib" / "cli" / "index.js",
        "checkBrowser", "--checkFeatures", "--noColor", query, *found,
    )  # fmt: skip


def sheets_pass(found: Iterable[Path]) -> bool:
    """Whether all of these style sheets are understood by the oldest browser; what is not is printed."""
    return _run(BASE_DIR / "config" / "browsers.mjs", *found)


def main() -> int:
    """Check everything; 1 when anything is too new."""
    passed = [scripts_pass(scripts()), sheets_pass(sheets())]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    raise SystemExit(main())
