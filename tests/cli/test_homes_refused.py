"""Shops that lack rights, are held by others, or were damaged or interrupted half-way: told, and left as they are."""

import fcntl
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from shopctl.database import lock
from shopctl.services import inventory

READING, WRITING = ("product", "list"), ("stock", "receive", "MUG", "1")
BOTH = pytest.mark.parametrize("command", [READING, WRITING], ids=["reading", "writing"])


def refused(result, status: int, *words: str) -> None:
    """Check that a command failed with this status, in one line that has these words and one that says what to do."""
    said = result.err.splitlines()
    assert (result.status, result.out) == (status, "")
    assert len(said) == 2
    assert [word for word in words if word not in said[0]] == []
    assert said[1]


@BOTH
@pytest.mark.parametrize("damage", ["truncated", "overwritten"])
def test_a_damaged_database_is_told_and_left_alone(damage, command, living, shopctl):
    file = living / "shop.db"
    data = file.read_bytes()
    left = {
        "truncated": data[: len(data) // 3],
        "overwritten": data[:4096] + b"\xff" * (len(data) - 4096),
    }[damage]
    file.write_bytes(left)
    refused(shopctl(*command), 6, "shop.db")
    assert file.read_bytes()[4096:] == left[4096:]


@pytest.fixture
def public_home(living):
    """The folder of a shop that others may reach and only its owner may write, whoever runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="shop-"))
    folder.chmod(0o755)
    yield Path(shutil.copytree(living, folder / "home"))
    shutil.rmtree(folder)


AS_NOBODY = """
import os, sys
from shopctl.cli import app
warm, home, *command = sys.argv[1:]
os.environ["SHOPCTL_HOME"] = warm
app.run([*command, "--dry-run"] if command[0] == "stock" else command)  # loads what an unprivileged user cannot read
app.run(["order", "show", "none"])
sys.stdout.flush()
os.environ["SHOPCTL_HOME"] = home
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
print("---", flush=True)
print("---", file=sys.stderr, flush=True)
sys.exit(app.run(command))
"""


@pytest.mark.parametrize(
    ("folder", "files", "command", "word"),
    [
        (0o000, 0o600, READING, "read"),
        (0o555, 0o444, WRITING, "written"),
        (0o755, 0o444, WRITING, "written"),
        (0o755, 0o000, READING, ""),
    ],
)
def test_rights_that_are_missing_are_told(folder, files, command, word, living, public_home):
    """The super-user may do everything: as one, the test gives its rights away first."""
    for path in (path for path in public_home.iterdir() if path.is_file()):
        path.chmod(files)
    public_home.chmod(folder)
    try:
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(living), str(public_home), *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    finally:
        public_home.chmod(0o700)
    said = done.stderr.partition("---\n")[2].splitlines()
    assert done.returncode == 5, done.stderr
    assert len(said) == 2
    assert word in said[0]
    assert done.stdout.partition("---\n")[2] == ""


def test_a_writer_that_never_ends_is_told(living, shopctl, monkeypatch):
    monkeypatch.setattr(lock.WritersLock.__init__, "__defaults__", (0.1,))
    with (living / "shop.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        refused(shopctl(*WRITING), 5, "Another process")
        assert shopctl(*READING).status == 0
    assert shopctl(*WRITING).status == 0


def test_an_init_that_is_interrupted_leaves_no_half_shop(tmp_path, shopctl, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    home = tmp_path / "new"
    with monkeypatch.context() as patched:
        patched.setattr(inventory, "add_location", interrupted)
        assert shopctl("init", home=home).status == 130
    assert not [path for path in home.rglob("*") if path.is_file() and path.name != "shop.lock"]
    assert shopctl("product", "list", home=home).status == 5
    assert shopctl("init", home=home).status == 0
    assert shopctl("doctor", home=home).status == 0
