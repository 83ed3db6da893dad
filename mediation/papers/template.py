"""Templates of papers: text that an office can edit, with names in {{ }} and loops over what a dispute has.

A line says what it is by how it begins; everything else is a paragraph (docs/howto/paper-templates.md):

    # title    ## heading    > to the right    | label | value |    |= head | of a table |    @ who signs | who else

Only names, loops, conditions and two filters are known to a template: no calls and no arithmetic, so a template can
neither run long nor reach anything but the facts it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _
from jinja2 import DictLoader, StrictUndefined, TemplateError, nodes
from jinja2.exceptions import TemplateRuntimeError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

# What makes a line something else than a paragraph. Values keep these signs, but as letters (see `_guarded`).
SIGNS: Final = "#>|@=\n"
_GUARD: Final = {ord(sign): chr(0xE000 + n) for n, sign in enumerate(SIGNS)}
_PLAIN: Final = {0xE000 + n: sign for n, sign in enumerate(SIGNS)}
FILTERS: Final = ("default", "length")
MOST: Final = 2_000_000  # characters that a paper may be filled with; a record of a long meeting has 20,000
# The whole language of a template; what is not among it could grow without bound (a ~ a, macros, loops over letters).
LANGUAGE: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.Name, nodes.Getattr, nodes.Getitem,
    nodes.Const, nodes.Filter, nodes.Keyword, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
)  # fmt: skip
LISTS: Final = frozenset({"parties", "representatives", "promises", "contents"})
# What a template that asks for the impossible ends in, beside the errors of templates: a comparison of a word with a
# number, brackets without end.
FAULTS: Final = (TypeError, RecursionError, SyntaxError)


class WrongTemplate(Exception):
    """A template that cannot be read or filled in; says what is wrong, for the person who uploads it."""


class Plain(SandboxedEnvironment):
    """An environment that knows names, loops and conditions, and nothing that computes or calls."""

    def __init__(self, shape: Callable[[Any], str] = str, **options: Any) -> None:
        super().__init__(undefined=StrictUndefined, loader=DictLoader({}), finalize=self._counted, **options)
        self.filters = {name: self.filters[name] for name in FILTERS}
        self.globals.clear()
        self.shape, self.written = shape, 0

    def _counted(self, value: Any) -> str:
        """Every value that is filled in comes by here; a paper that is filled without end is given up."""
        said = self.shape(value)
        self.written += len(said)
        if self.written > MOST:
            raise TemplateRuntimeError(_("这份模板填出来太长。"))
        return said

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Every template is read through here: one that says more than the language knows is refused."""
        tree = super()._parse(source, name, filename)
        for node in tree.find_all(nodes.Node):
            if not isinstance(node, LANGUAGE) or (isinstance(node, nodes.For) and not _over_list(node)):
                said = _("模板里只能写名字、条件和名单的循环（最多两层），不能计算、调用或者另设名字。")
                raise TemplateSyntaxError(said, node.lineno)
        return tree

    def is_safe_callable(self, obj: Any) -> bool:
        return False


def _over_list(loop: nodes.For) -> bool:
    """Whether a loop goes over one of the lists, and holds at most one more within it."""
    over = loop.iter
    name = over.name if isinstance(over, nodes.Name) else over.attr if isinstance(over, nodes.Getattr) else ""
    deeper = (more for inner in loop.find_all(nodes.For) for more in inner.find_all(nodes.For))
    return name in LISTS and next(deeper, None) is None


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a paper. kind: title, heading, right, paragraph, table or signatures.

    `words`: of a table the cells of each row. `head`: the heads of a table's columns; none where the first cell of a
    row names it.
    """

    kind: str
    words: list[Any] = field(default_factory=list)
    head: list[str] = field(default_factory=list)


MARKS: Final = {"##": "heading", "#": "title", ">": "right", "@": "signatures"}


def _guarded(value: Any) -> str:
    return str(value if value is not None else "").translate(_GUARD)


def filled(source: str, facts: Mapping[str, Any]) -> list[Block]:
    """The paper that a template makes of the facts of a dispute; raises WrongTemplate."""
    environment = Plain(_guarded, trim_blocks=True, lstrip_blocks=True)
    return blocks(_tried(lambda: environment.from_string(source).render(**facts)))


def _tried(fill: Callable[[], str]) -> str:
    try:
        return fill()
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        where = _("第 %(n)s 行：") % {"n": line} if line else ""
        raise WrongTemplate(f"{where}{error.message or error}") from error
    except FAULTS as error:
        raise WrongTemplate(str(error)) from error


def cells(line: str) -> list[str]:
    """The cells of a line of a table."""
    return [
        cell.strip() for cell in line.removeprefix("|").removeprefix("=").strip().removesuffix("|").split("|")
    ]


def marked(line: str) -> tuple[str, str]:
    """What a line is, and its words."""
    for mark, kind in MARKS.items():
        if line.startswith(f"{mark} "):
            return kind, line[len(mark) :].strip()
    return "paragraph", line


def blocks(text: str) -> list[Block]:
    """The parts of a filled template in their order."""
    return list(_blocks(line.strip() for line in text.split("\n")))


def _blocks(lines: Iterator[str]) -> Iterator[Block]:
    table: Block | None = None
    for line in filter(None, lines):
        row = line.startswith("|")
        if table is not None and (not row or line.startswith("|=") or len(cells(line)) != _width(table)):
            yield table
            table = None
        if row:
            here = [_words(cell) for cell in cells(line)]
            if line.startswith("|="):
                table = Block("table", [], here)
            elif table is None:
                table = Block("table", [here])
            else:
                table.words.append(here)
            continue
        kind, words = marked(line)
        yield Block(
            kind,
            [_words(one.strip()) for one in words.split("|")] if kind == "signatures" else [_words(words)],
        )
    if table is not None:
        yield table


def _width(table: Block) -> int:
    return len(table.head or table.words[0])


def _words(text: str) -> str:
    return text.translate(_PLAIN)
