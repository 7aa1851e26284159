"""The house is in order: format, lint, types, import floors, and what is shipped."""

import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

TOOLS = {
    "ruff format": ["ruff", "format", "--check", "."],
    "ruff check": ["ruff", "check", "."],
    "mypy --strict": ["mypy"],
    "import-linter": ["lint-imports"],
}


def tool(name: str) -> Path:
    """Return a tool of the development extras; without it, skip by name, and fail in CI."""
    path = BIN / name
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{name} is missing, and CI has it")
        pytest.skip(f"{name} is not installed")
    return path


@pytest.mark.tools
@pytest.mark.parametrize("command", TOOLS.values(), ids=TOOLS)
def test_the_tools_find_nothing(command):
    done = subprocess.run(
        [str(tool(command[0])), *command[1:]], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_names_a_package_registry():
    hosts = re.compile("|".join(("pypi" + r"\.org", "pythonhosted" + r"\.org", "registry" + r"\.npmjs")))
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    files = listed.stdout.splitlines() if listed.returncode == 0 else []
    for name in files:
        path = ROOT / name
        if path.is_file():
            assert not hosts.search(path.read_text("utf-8", "replace")), name


def test_the_wheel_carries_migrations_templates_and_sample_and_runs_without_the_checkout(tmp_path):
    """Built, installed into an empty venv that sees the runtime's libraries only, and used from elsewhere."""
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT],
        check=True,
        capture_output=True,
        timeout=120,
    )
    wheel = next(tmp_path.glob("shopctl-*.whl"))
    names = zipfile.ZipFile(wheel).namelist()
    assert sum(name.startswith("shopctl/migrations/versions/2") for name in names) >= 6
    assert "shopctl/services/notifications/templates/order_placed.html" in names
    assert "shopctl/services/documents/templates/document.html" in names
    assert "shopctl/sample/products.csv" in names
    assert not any(name.startswith(("tests/", "benchmarks/", "migrations/")) for name in names)

    place = tmp_path / "venv"
    venv.create(place, with_pip=False)
    packages = next((place / "lib").glob("python*")) / "site-packages"
    for name in runtime_packages():
        (packages / name.name).symlink_to(name)
    zipfile.ZipFile(wheel).extractall(packages)
    done = subprocess.run(
        [place / "bin" / "python", "-m", "shopctl", "demo", "--home", tmp_path / "demo"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Hello Ada Lovelace" in done.stdout


def runtime_packages() -> list[Path]:
    """Return the installed files of the packages that requirements/runtime.txt pins."""
    from importlib.metadata import distribution

    pinned = re.findall(r"^([\w.-]+)==[^\s]+ (?!; sys_platform == 'win32')", runtime_requirements(), re.MULTILINE)
    found: dict[Path, None] = {}
    for name in pinned:
        package = distribution(name)
        for file in package.files or ():
            top = Path(str(package.locate_file(file.parts[0])))
            if file.parts[0] not in ("..", "__pycache__"):
                found[top] = None
    return list(found)


def runtime_requirements() -> str:
    return (ROOT / "requirements" / "runtime.txt").read_text("utf-8")
