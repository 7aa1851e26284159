"""Stock keeping units: how one is written, and when two are the same."""

import re
import unicodedata

from shopctl.errors import BadValueError
from shopctl.text import identity, safe

MAX_LENGTH = 64
_SEPARATORS = frozenset("-_./")


def normalized(text: str) -> str:
    """Return the SKU that `text` writes: NFKC, letters, digits, ``- _ . /`` and single spaces inside.

    Raises:
        BadValueError: it is empty, longer than 64 characters, or holds anything else.
    """
    sku = unicodedata.normalize("NFKC", text).strip(" ")
    wrong = next((c for c in sku if not (c.isalnum() or c in _SEPARATORS or c == " " or _is_mark(c))), None)
    if wrong is not None or not sku or "  " in sku or len(sku) > MAX_LENGTH or not any(c.isalnum() for c in sku):
        reason = "is empty" if not sku else f"holds {safe(wrong)!r}" if wrong else "is no SKU"
        if len(sku) > MAX_LENGTH:
            reason = f"has {len(sku)} characters"
        raise BadValueError(
            f"The SKU {safe(sku, 80)!r} {reason}.",
            f"Use 1 to {MAX_LENGTH} letters, digits, - _ . / and single spaces inside.",
        )
    return sku


def key(text: str) -> str:
    """Return the key under which SKUs are unique: ``MUG``, ``mug`` and full-width ``ＭＵＧ`` are one."""
    return identity(text)


def made_from(*parts: str) -> str:
    """Return a SKU made from words, such as a product's handle and its options: ``classic-varsity-top-small``."""
    words = re.sub(r"[^\w]+|_", "-", unicodedata.normalize("NFKC", "-".join(parts)).casefold()).strip("-")
    return re.sub(r"-{2,}", "-", words)[:MAX_LENGTH].strip("-")


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Mc")
