"""What can be wrong with a place, a position or a file of them."""

from __future__ import annotations

from dataclasses import dataclass


class PlaceError(Exception):
    """Anything refused by this app; its text is for people, `status` is the HTTP answer."""

    code = "place_error"
    status = 422


class Outside(PlaceError):
    """A position that lies in no grid."""

    code = "outside_all_grids"
    status = 404


class ValidationError(PlaceError):
    """Values that cannot be used: field name to what is wrong with it."""

    code = "invalid"

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__("; ".join(f"{field}: {' '.join(texts)}" for field, texts in errors.items()))
        self.errors = errors


class ChangeRefused(PlaceError):
    """A merger or renaming that the tree of places does not allow."""

    code = "change_refused"


class FileRefused(PlaceError):
    """A file that is not what it should be as a whole: not readable, not of a known shape."""

    code = "file_refused"


@dataclass(frozen=True)
class BadRow:
    """One row of a file that cannot be taken: `line` is the line of a CSV file, the entry's number in JSON."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class BadRows(PlaceError):
    """A file with rows that cannot be taken. Nothing was changed."""

    code = "bad_rows"

    def __init__(self, rows: list[BadRow]) -> None:
        super().__init__(f"{len(rows)} bad rows")
        self.rows = sorted(rows, key=lambda row: (row.file, row.line))
