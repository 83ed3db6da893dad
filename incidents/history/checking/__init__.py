"""The proof that every incident could have happened, from the engine's own tables; nothing of the maker's is used.

`reading` brings files of many cases from the database, `walking` follows each case's record through the incident table,
`ends` its duties through the work calendar. The table, the offices' line, the chain and working time are the engine's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from incidents.history.checking import reading
from incidents.history.checking.ends import Ends
from incidents.history.checking.reading import File
from incidents.history.checking.truth import Truth
from incidents.history.checking.walking import Walk


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not have happened: in which case, at which entry (0: in the case as a whole)."""

    number: str
    seq: int
    words: str

    def __str__(self) -> str:
        return f"{self.number}#{self.seq} {self.words}" if self.seq else f"{self.number} {self.words}"


def check(keys: list[int] | None = None) -> Iterator[tuple[int, list[Problem]]]:
    """Check these cases or all incidents, read in batches; yields how many are done and what was found so far anew."""
    truth, done = Truth.read(), 0
    found = [Problem(number, 0, "编号重复 / number used twice") for number in _numbers_twice()]
    for file in reading.files(reading.ids() if keys is None else keys):
        found += problems_of(file, truth)
        done += 1
        if done % reading.BATCH == 0:
            yield done, found
            found = []
    yield done, found


def problems_of(file: File, truth: Truth) -> list[Problem]:
    """Everything about one case that could not have happened."""
    walk = Walk(file, truth)
    walk.walk()
    if walk.steps:
        Ends(walk, truth).check()
    return [Problem(file.case.number, seq, words) for seq, words in walk.wrong]


def _numbers_twice() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM cases_case GROUP BY number HAVING count(*) > 1")
        return [number for (number,) in cursor.fetchall()]
