"""Pinyin keys of place names: one to sort by, one to find a place by its initials.

The private database has no ICU, so the order in which a Chinese reader looks names up is a stored key.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT

KEY_LENGTH: Final = 400
# The same few endings stand behind most of the country's 620,000 village names. They are spelled apart from the name
# proper, which is short and often the same as another's.
_ENDING: Final = re.compile(
    r"(?<=.)(村民委员会|社区居民委员会|居民委员会|村委会|社区居委会|居委会|虚拟社区|社区|街道|镇|乡|村|网格)$"
)


class Keys(NamedTuple):
    """What a name is sorted and found by."""

    pinyin: str
    initials: str


def keys(name: str) -> Keys:
    """The keys of a name: "剑光街道" gives "jian guang jie dao" and "jgjd". Letters and digits stand for themselves."""
    ending = _ENDING.search(name)
    syllables = _spell(name[: ending.start()]) + _spell(ending.group()) if ending else _spell(name)
    return Keys(" ".join(syllables)[:KEY_LENGTH], "".join(s[0] for s in syllables))


@lru_cache(maxsize=65536)
def _spell(text: str) -> tuple[str, ...]:
    """One toneless syllable for each Chinese character; every other sign but a space stands alone.

    Most names hold no phrase that the package knows: their characters read as each reads alone, and are looked up
    one by one, thirty times as fast. A test compares the two ways.
    """
    if any(text[i:j] in PHRASES_DICT for i in range(len(text) - 1) for j in range(i + 2, len(text) + 1)):
        return _read(text)
    return tuple(syllable for sign in text for syllable in _read(sign))


@lru_cache(maxsize=65536)
def _read(text: str) -> tuple[str, ...]:
    # The package takes a list from `errors`, though its annotation speaks of a text only.
    syllables = lazy_pinyin(text, errors=_one_by_one)  # type: ignore[arg-type]
    return tuple(syllable.lower() for syllable in syllables if syllable.strip())


def _one_by_one(text: str) -> list[str]:
    """What is not Chinese stays as it is, one sign a syllable."""
    return list(text)
