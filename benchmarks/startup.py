"""How soon a command answers, as a process: the installed ``shopctl`` against the least that such a process costs."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks import sample
from benchmarks.measure import Result, alternating, folder, milliseconds

SHOPCTL = str(Path(sys.executable).with_name("shopctl"))
ROUNDS = 15
NOTHING = [sys.executable, "-c", "pass"]
LIBRARIES = [sys.executable, "-c", "import typer, sqlalchemy"]
BARE_APP = """
import typer

app = typer.Typer(help="A bare app.", add_completion=True)
group = typer.Typer(help="A group of commands.")
app.add_typer(group, name="group")

@group.command()
def one(name: str, loud: bool = False) -> None:
    "Do one thing."

@group.command()
def two(count: int = 1) -> None:
    "Do another."

@app.command()
def three() -> None:
    "Do a third."

app()
"""


def results() -> Iterator[Result]:
    with folder() as temporary:
        home = sample.small(temporary / "home")
        bare = temporary / "bare.py"
        bare.write_text(BARE_APP)

        def against(what: str, floor: list[str], *ours: str, at_most: float, run=_run, **environment: str) -> Result:
            environ = {**os.environ, "SHOPCTL_HOME": str(home), **environment}
            times = alternating(
                lambda: milliseconds(lambda: run(floor, environ)),
                lambda: milliseconds(lambda: run([SHOPCTL, *ours], environ)),
                rounds=ROUNDS,
            )
            return Result(what, floor=times[0], ours=times[1], at_most=at_most)

        app = [sys.executable, str(bare), "--help"]
        completion = {
            "_SHOPCTL_COMPLETE": "complete_bash",
            "COMP_WORDS": "shopctl order place SKU-00",
            "COMP_CWORD": "3",
        }
        yield against("--version / python -c pass", NOTHING, "--version", at_most=3)
        yield against("--help / a bare Typer app's", app, "--help", at_most=1.3)
        yield against("--help on a terminal / a bare Typer app's", app, "--help", at_most=1.3, run=_on_a_terminal)
        yield against("product list / import typer, sqlalchemy", LIBRARIES, "product", "list", at_most=1.3)
        yield against("order show", LIBRARIES, "order", "show", "1001", at_most=1.3)
        yield against("stock check", LIBRARIES, "stock", "check", "SKU-001=1", "SKU-002=2", at_most=1.3)
        yield against("order place", LIBRARIES, "order", "place", "SKU-001=1", "SKU-002=2", at_most=1.3)
        yield against("completion of a SKU", LIBRARIES, at_most=1.1, **completion)


def _run(command: list[str], environ: dict[str, str]) -> None:
    subprocess.run(command, env=environ, check=True, capture_output=True)


def _on_a_terminal(command: list[str], environ: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, env=environ, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        while os.read(ours, 65536):
            pass
    except OSError:  # the process has closed the terminal
        pass
    os.close(ours)
    if process.wait():
        raise subprocess.CalledProcessError(process.returncode, command)
