"""What a terminal is told: results on stdout, narration on stderr, colours where they belong."""

import contextlib
import os
import sys
from typing import TextIO

_ANSI = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}


def tell(text: str, *, end: str = "\n", style: str = "") -> None:
    """Say something to the person, on stderr."""
    if style and coloured(sys.stderr):
        text = f"\033[{_ANSI[style]}m{text}\033[0m"
    with contextlib.suppress(OSError):  # what cannot be said does not change what was done
        print(text, file=sys.stderr, end=end, flush=True)


def coloured(stream: TextIO) -> bool:
    """Return whether colours and boxes belong on `stream`: a terminal, unless NO_COLOR (no-color.org) is set."""
    from shopctl.cli.context import options

    return stream.isatty() and not os.environ.get("NO_COLOR") and not options.no_color


def counted(number: int, what: str) -> str:
    """Return ``1 row``, ``2,000 rows``."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def bold(text: str) -> str:
    """Return `text` in bold where that can be seen."""
    return f"\033[1m{text}\033[0m" if coloured(sys.stdout) else text


def styled(text: str, style: str) -> str:
    """Return `text` in a colour where that can be seen."""
    return f"\033[{_ANSI[style]}m{text}\033[0m" if coloured(sys.stdout) else text


def line(text: str = "") -> None:
    """Print a line on stdout."""
    try:
        print(text)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding
        print(text.encode(encoding, "replace").decode(encoding))
