"""Folders that are a shop's, are none, or cannot be used: each is told from the others, with what to do."""

import fcntl
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from shopctl.database import engine, lock
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
def test_a_home_that_is_missing_empty_or_a_file_holds_no_shop(command, tmp_path, shopctl):
    file = tmp_path / "file"
    file.touch()
    (tmp_path / "empty").mkdir()
    refused(shopctl(*command, home=file), 5, "no folder")
    refused(shopctl(*command, home=tmp_path / "missing"), 5, "no shop")
    refused(shopctl(*command, home=tmp_path / "empty"), 5, "no shop")
    assert not (tmp_path / "missing").exists()
    assert not list((tmp_path / "empty").iterdir())


@BOTH
def test_a_database_of_another_program_is_no_shop_and_stays_as_it_is(command, home, shopctl):
    (home / "shop.db").unlink()
    with closing(sqlite3.connect(home / "shop.db")) as database:
        database.executescript("CREATE TABLE song (title TEXT); INSERT INTO song VALUES ('Blue')")
    assert shopctl(*command).status in (5, 6)
    refused(shopctl(*command), shopctl(*command).status, "shop")
    with closing(sqlite3.connect(home / "shop.db")) as database:
        assert [name for (name,) in database.execute("SELECT name FROM sqlite_schema")] == ["song"]


@BOTH
@pytest.mark.parametrize("damage", ["garbage", "truncated", "overwritten"])
def test_a_damaged_database_is_told_and_left_alone(damage, command, living, shopctl):
    file = living / "shop.db"
    data = file.read_bytes()
    left = {
        "garbage": b"no database at all " * 500,
        "truncated": data[: len(data) // 3],
        "overwritten": data[:4096] + b"\xff" * (len(data) - 4096),
    }[damage]
    file.write_bytes(left)
    refused(shopctl(*command), 6, "shop.db")
    assert file.read_bytes()[4096:] == left[4096:]


@pytest.mark.parametrize("text", ["[shop", "[shop]\nname = 7\n", '[mail]\nhots = "x"\n', "name = 'x'\n", "\udcff"])
def test_settings_that_cannot_be_read_are_told(text, living, shopctl):
    (living / "shopctl.toml").write_bytes(os.fsencode(text))
    result = shopctl("product", "list")
    assert (result.status, len(result.err.splitlines())) == (2, 2)


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


def test_a_write_lock_that_another_program_holds_is_told(living, shopctl, monkeypatch, content):
    monkeypatch.setattr(engine, "PRAGMAS", ("busy_timeout=50", *engine.PRAGMAS[1:]))
    before = content()
    with closing(sqlite3.connect(living / "shop.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused(shopctl(*WRITING), 5, "locked by another process")
        assert shopctl(*READING).status == 0
    assert content() == before
    assert shopctl(*WRITING).status == 0


@pytest.mark.parametrize("folder", ["Dropbox", "OneDrive - Corner Books", "Nextcloud"])
def test_a_synced_folder_is_refused_with_the_reason(folder, tmp_path, shopctl):
    refused(shopctl("init", home=tmp_path / folder / "shop"), 5, "synced folder", folder)
    assert not (tmp_path / folder).exists()


def test_init_makes_a_folder_that_only_its_owner_may_read(tmp_path, shopctl):
    home = tmp_path / "a" / "shop"
    assert shopctl("init", "--name", "Pens", "--currency", "usd", "--location", "attic", home=home).status == 0
    assert shopctl("product", "add", "Pen", "--price", "1", "--stock", "2", home=home).status == 0
    assert shopctl("order", "place", "pen=1", "--customer", "ada@example.org", home=home).status == 0
    assert shopctl("worker", "run", "--burst", home=home).status == 0
    assert shopctl("db", "backup", home=home).status == 0
    assert shopctl("location", "list", "--json", home=home).json[0]["name"] == "attic"
    paths = [home, *home.rglob("*")]
    assert {"shop.db", "shopctl.toml", "outbox", "backups", "templates"} <= {path.name for path in paths}
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in paths}
    assert modes == {path.name: 0o700 if path.is_dir() else 0o600 for path in paths}


def test_a_second_init_is_refused_and_changes_nothing(living, shopctl, content):
    before, settings = content(), (living / "shopctl.toml").read_text()
    refused(shopctl("init", "--name", "Other", "--currency", "USD"), 4, "already a shop")
    assert content() == before
    assert (living / "shopctl.toml").read_text() == settings


@pytest.mark.parametrize(
    "options", [("--currency", "XXX"), ("--timezone", "Mars/Olympus"), ("--location", ""), ("--name", "a\nb")]
)
def test_an_init_that_is_refused_leaves_no_shop(options, tmp_path, shopctl):
    home = tmp_path / "new"
    assert shopctl("init", *options, home=home).status == 2
    assert not (home / "shop.db").exists()
    assert not (home / "shopctl.toml").exists()
    assert shopctl("init", home=home).status == 0


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
