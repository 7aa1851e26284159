"""Renders ``demo.svg``: what commands print in the demo's shop, as a terminal shows it. Run by ``make picture``."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS, ROWS = 96, 60
COMMANDS = ("order list", "order place LAMP=1 --customer late@example.org", "order show 1001", "doctor")


def printed(command: str, home: Path) -> str:
    """Return what a command prints on a terminal."""
    master, terminal = pty.openpty()
    environment = {**os.environ, "SHOPCTL_HOME": str(home), "COLUMNS": str(COLUMNS), "LINES": str(ROWS)}
    subprocess.run(
        [sys.executable, "-m", "shopctl", *command.split()],
        stdout=terminal,
        stderr=terminal,
        env=environment,
        check=False,
    )
    os.close(terminal)
    parts = []
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.close(master)
    return b"".join(parts).decode().replace("\r\n", "\n")


def main() -> None:
    """Write the picture beside this file."""
    home = Path(sys.argv[1])
    console = Console(record=True, width=COLUMNS, force_terminal=True)
    for command in COMMANDS:
        console.print(Text(f"$ shopctl {command}", style="bold cyan"))
        console.print(Text.from_ansi(printed(command, home)))
    svg = console.export_svg(title="shopctl")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)  # it would ask another host for fonts
    Path(__file__).with_name("demo.svg").write_text(svg, "utf-8")


if __name__ == "__main__":
    main()
