"""Search by any two characters: a column of bigrams, since Chinese words have no spaces between them."""

from __future__ import annotations

import unicodedata


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in _plain(text)).split()


def bigrams(*texts: str) -> list[str]:
    """All letters and all pairs of neighbours in the texts, sorted, each once; width and case folded."""
    return sorted(
        {word[i : i + n] for text in texts for word in _words(text) for i in range(len(word)) for n in (1, 2)}
    )


def terms(query: str) -> list[str]:
    """The bigrams that a case must all hold to match every word of the query. One letter alone gives itself."""
    return sorted({word[i : i + 2] for word in _words(query) for i in range(max(len(word) - 1, 1))})
