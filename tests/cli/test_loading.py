"""A command loads what it uses and no more: that is what makes it start at once."""

import os
import subprocess
import sys

import pytest

HEAVY = ["sqlalchemy", "textual", "huey", "rich", "jinja2", "alembic", "aiosqlite", "typer", "tomlkit"]
SERVICES = [
    *("products", "inventory", "customers", "terms", "orders", "documents", "notifications", "privacy", "reports"),
]
WATCHED = (*HEAVY, *(f"shopctl.services.{name}" for name in SERVICES), "shopctl.queue", "shopctl.tasks")
PROBE = """
import sys
from shopctl.__main__ import main
sys.argv[0] = "shopctl"
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print(*sorted(sys.modules), file=sys.stderr)
"""


@pytest.fixture
def loaded(living):
    """Run a command in a process of its own and give what it loaded of what is watched."""

    def run(*arguments: str) -> set[str]:
        done = subprocess.run(
            [sys.executable, "-c", PROBE, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, "SHOPCTL_HOME": str(living)},
        )
        assert done.returncode == 0, done.stderr
        return {name.removeprefix("shopctl.services.") for name in done.stderr.split() if name in WATCHED}

    return run


def test_the_version_is_told_before_anything_is_loaded(loaded):
    assert loaded("--version") == set()


@pytest.mark.parametrize("command", [["--help"], [], ["worker", "--help"]], ids=str)
def test_help_loads_no_database(command, loaded):
    assert loaded(*command) <= {"typer"}


@pytest.mark.parametrize(
    ("services", "command"),
    [
        ("products inventory reports", ["product", "list"]),
        ("products inventory reports", ["product", "show", "MUG"]),
        ("products inventory reports", ["product", "add", "Pen", "--price", "1"]),
        ("products inventory reports", ["stock", "show"]),
        ("products inventory customers orders terms reports", ["stock", "receive", "MUG", "1"]),
        ("products inventory", ["stock", "check", "MUG=1"]),
        ("products inventory", ["location", "list"]),
        ("products inventory customers orders terms", ["order", "list"]),
        ("products inventory customers orders terms", ["order", "show", "1001"]),
        ("products inventory customers orders terms", ["order", "place", "MUG=1"]),
        ("products inventory customers orders terms documents", ["order", "document", "1001"]),
        ("products inventory customers orders terms reports", ["customer", "list"]),
        ("customers", ["customer", "edit", "ada@example.org", "--name", "Ada"]),
    ],
    ids=str,
)
def test_a_command_loads_the_services_that_it_uses_and_nothing_that_it_does_not(services, command, loaded):
    assert loaded(*command) <= {*services.split(), "sqlalchemy", "typer"}


def test_settings_are_shown_without_the_database(loaded):
    assert loaded("config", "get", "mail.host") & {"sqlalchemy", "huey", "tomlkit"} == set()
