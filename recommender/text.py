"""One analyser for Russian text: how words are folded, split and stemmed wherever texts are compared."""

import re
import threading
from functools import lru_cache
from typing import Final

import snowballstemmer

WORD: Final = re.compile(r"[0-9a-zа-я]+")
IGNORED: Final = frozenset(
    [
        *("а", "без", "более", "бы", "в", "во", "все", "вы", "где", "для", "до", "его", "ее", "если", "есть", "же"),
        *("за", "и", "из", "или", "их", "к", "как", "ко", "ли", "на", "не", "но", "о", "об", "от", "по", "под", "при"),
        *("с", "со", "так", "также", "то", "тот", "у", "уже", "чем", "что", "чтобы", "это", "я", "мы", "он", "она"),
        *("они", "the", "of", "and", "in", "for", "to", "a"),
    ]
)
"""Words that say nothing of a subject matter; kept short, the weights do the rest."""

_local = threading.local()


def fold(text: str) -> str:
    """Return a text as it is compared: lower case, «е» for «ё», single spaces."""
    return " ".join(text.lower().replace("ё", "е").replace("\u00a0", " ").split())


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Return the Snowball stem of a folded Russian word."""
    # A stemmer keeps its word inside while it works, so each thread has one of its own.
    if not hasattr(_local, "stemmer"):
        _local.stemmer = snowballstemmer.stemmer("russian")
    return str(_local.stemmer.stemWord(word))


def stems(text: str) -> tuple[str, ...]:
    """Return the stems of a text in order, with repetitions, without words that say nothing."""
    return tuple(stem(word) for word in WORD.findall(fold(text)) if word not in IGNORED)
