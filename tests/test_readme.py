"""The README is true: its commands run, and print what it says they print."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def commands() -> list[tuple[str, str]]:
    """Return each command of the README's console blocks, with what it is said to print on stdout."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return [(command, "\n".join(lines)) for command, lines in found]


def plain(text: str, home: Path) -> str:
    """Return `text` without what differs from run to run: the time, the folder, the version of SQLite."""
    text = text.replace(str(home), "~")
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "2026-11-23 10:00", text)
    return re.sub(r"SQLite [\d.]+", "SQLite 3", text).rstrip()


def test_every_command_of_the_readme_runs_and_prints_what_it_says(tmp_path):
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LOGNAME": "ada",
        "LANG": "C.UTF-8",
    }
    for command, printed in commands():
        done = subprocess.run(
            command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"$ {command}\n{done.stderr}"
        assert plain(done.stdout, tmp_path) == plain(printed, tmp_path), f"$ {command}\n{done.stderr}"


def test_the_two_commands_of_the_readme_are_made_and_ci_runs_the_second():
    first, second = re.findall(r"^    (make \w+)", README, re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert all(f"\n{command.removeprefix('make ')}:" in makefile for command in (first, second))
    assert f"\n{second}\n" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_every_page_that_the_readme_names_is_there():
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).exists(), target
