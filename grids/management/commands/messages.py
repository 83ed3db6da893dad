"""manage.py messages: collect the words of the interface, check that each has its English, compile them.

The words in the code are Chinese; locale/en holds the English beside them. Babel reads the Python files, and the
templates after Django has turned them into Python.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation.template import templatize

KEYWORDS: dict[str, Any] = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2),
    "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
CODE = ("grids", "accounts", "cases", "incidents", "mediation", "whistle", "oversight", "config")


def _sources() -> Iterator[tuple[Path, bytes]]:
    base = Path(settings.BASE_DIR)
    for app in CODE:
        for path in sorted((base / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(base), path.read_bytes()
    for path in sorted((base / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            text = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            yield path.relative_to(base), text.encode()


def collect() -> Catalog:
    """All words of the interface as they stand in the code now, with where they stand."""
    found = Catalog(locale="en")
    for path, text in _sources():
        for line, function, words, _comments in extract_python(BytesIO(text), KEYWORDS, [], {}):
            message = _message(str(function), words)
            if message is not None:
                context, ids = message
                found.add(ids, locations=[(str(path), line)], context=context)
    return found


def _message(function: str, words: Any) -> tuple[str | None, Any] | None:
    given = list(words) if isinstance(words, tuple) else [words]
    context = given.pop(0) if "pgettext" in function else None
    if "ngettext" in function or "npgettext" in function:
        pair = tuple(given[:2])
        return (context, pair) if all(pair) else None
    return (context, given[0]) if given and isinstance(given[0], str) and given[0] else None


def _english(message: Message) -> bool:
    texts = message.string if isinstance(message.string, tuple | list) else [message.string]
    return bool(texts) and all(texts) and not message.fuzzy


def problems(written: Catalog, used: Catalog) -> list[str]:
    """What the English catalogue lacks, and what it holds that nobody uses."""
    found = []
    for message in used:
        if not message.id:
            continue
        known = written.get(message.id, message.context)
        where = "{}:{}".format(*message.locations[0])
        if known is None or not _english(known):
            found.append(f"{where}: no English for {message.id!r}")
        else:
            found += [f"{where}: {error}" for error in known.check(written)]
    for message in [*written, *written.obsolete.values()]:
        if message.id and used.get(message.id, message.context) is None:
            found.append(f"not used any more: {message.id!r}")
    return found


class Command(BaseCommand):
    requires_system_checks = []  # words can be compiled where nothing else is set up yet
    help = "Collect and compile the words of the interface; --check says what has no English."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail when something is missing"
        )
        parser.add_argument("--compile", action="store_true", help="only write the compiled catalogue")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.LOCALE_PATHS[0]) / "en" / "LC_MESSAGES" / "django.po"
        with path.open("rb") as file:
            written = read_po(file, locale="en")
        if options["compile"]:
            return self._compile(path, written)
        used = collect()
        if options["check"]:
            found = problems(written, used)
            if found:
                raise CommandError("\n".join(found))
            self.stdout.write(f"{len(used)} texts, all in English too")
            return None
        written.update(used, no_fuzzy_matching=True, keep_user_comments=True)
        written.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, written, width=110, sort_output=True, ignore_obsolete=True, include_lineno=False)
        missing = [problem for problem in problems(written, used) if "no English" in problem]
        self.stdout.write(f"{len(used)} texts, {len(missing)} without English")
        return self._compile(path, written)

    def _compile(self, path: Path, written: Catalog) -> None:
        draft = path.with_suffix(f".mo.{os.getpid()}")  # two processes may compile at once
        with draft.open("wb") as file:
            write_mo(file, written)
        draft.replace(path.with_suffix(".mo"))
