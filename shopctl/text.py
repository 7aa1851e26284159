"""Text is data: made safe to show, folded to search, checked before it is kept."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from shopctl.errors import BadValueError

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_ZERO_WIDTH_JOINER = "\N{ZERO WIDTH JOINER}"
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MARKS_IN_A_ROW = 3
_PLAIN = re.compile(r"[\x20-\x7e]*")


def safe(text: str, limit: int = 500) -> str:
    """Return `text` as one line that no terminal obeys, at most `limit` characters long.

    C0, C1, bidi controls and surrogates become U+FFFD, line breaks and tabs become a space, other format characters are
    dropped except the zero width joiner, and at most three combining marks follow one another.
    """
    if _PLAIN.fullmatch(text):
        return text if len(text) <= limit else text[: limit - 1] + "…"
    out: list[str] = []
    marks = 0
    for char in text[: limit * 4]:
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if char in "\n\r\t\v\f\x85\u2028\u2029":
            out.append(" ")
        elif category in ("Cc", "Cs") or char in _BIDI:
            out.append(_REPLACEMENT)
        elif (category == "Cf" and char != _ZERO_WIDTH_JOINER) or marks > _MARKS_IN_A_ROW:
            continue
        else:
            out.append(char)
    whole = len(out) <= limit and len(text) <= limit * 4
    return "".join(out) if whole else "".join(out[: limit - 1]) + "…"


def markdown(text: str) -> str:
    """Return `text` so that Markdown shows it as it is, in a table too."""
    for char in "\\|`*_<>[]":
        text = text.replace(char, "\\" + char)
    return text


def fold(text: str) -> str:
    """Return the form of `text` that searches compare: no accents, no case, single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def identity(text: str) -> str:
    """Return the key under which two spellings of one name are the same: NFKC, casefolded, trimmed."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


def checked(text: str, what: str, *, limit: int, required: bool = False) -> str:
    """Return `text` without surrounding blanks, its line breaks as line feeds, if it can be kept.

    Raises:
        BadValueError: it is longer than `limit` characters, empty though `required`, holds NUL or is not Unicode.
    """
    text = text.strip()
    if "\r" in text:  # the csv module does not quote a lone carriage return, and refuses to read it
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if required and not text:
        raise BadValueError(f"The {what} is empty.", f"Give a {what}.")
    if len(text) > limit:
        raise BadValueError(f"The {what} has {len(text):,} characters.", f"Use at most {limit:,}.")
    if "\0" in text or any(0xD800 <= ord(char) <= 0xDFFF for char in text):
        raise BadValueError(f"The {what} {safe(text, 60)!r} is not valid text.", "Use UTF-8 without NUL characters.")
    return text


def nearest(word: str, known: Iterable[str]) -> str:
    """Return "Did you mean …?" with the names of `known` nearest to `word`, or ""."""
    names = {name.casefold(): name for name in known}
    found = [names[key] for key in get_close_matches(word.casefold(), names, n=3, cutoff=0.6)]
    return f"Did you mean {' or '.join(safe(name, 60) for name in found)}?" if found else ""
