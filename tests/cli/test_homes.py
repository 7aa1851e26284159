"""The shop's folder: what is in it, and what is said when it cannot be used."""

import fcntl
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import pytest

from shopctl import shop as shops
from shopctl.database.lock import WritersLock
from shopctl.errors import UnreachableError
from shopctl.shop import Shop

ANY_COMMAND = (["product", "list"], ["order", "place", "MUG=1"], ["doctor"], ["worker", "run", "--burst"])


def modes(home):
    """Return the rights of every file and folder of a shop."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in [home, *home.rglob("*")]}


def test_a_shop_is_for_its_owners_eyes_only(tmp_path, process, monkeypatch):
    new = tmp_path / "new"
    assert process("init", SHOPCTL_HOME=str(new)).status == 0
    assert process("product", "add", "Mug", "--price", "1", "--stock", "1", SHOPCTL_HOME=str(new)).status == 0
    assert process("order", "place", "mug=1", "--customer", "a@b.co", SHOPCTL_HOME=str(new)).status == 0
    assert process("worker", "run", "--burst", SHOPCTL_HOME=str(new)).status == 0
    assert process("db", "backup", SHOPCTL_HOME=str(new)).status == 0
    found = modes(new)
    assert {"shop.db", "shopctl.toml", "outbox", "backups", "templates"} <= set(found)
    assert set(found.values()) == {0o700, 0o600}


@pytest.mark.parametrize("command", ANY_COMMAND, ids=" ".join)
def test_a_missing_shop_says_how_to_make_one(command, shopctl, tmp_path):
    result = shopctl(*command, home=tmp_path / "nothing")
    assert result.status == 5
    assert "There is no shop in" in result.err
    assert "shopctl init" in result.err
    assert not (tmp_path / "nothing").exists()


def test_a_home_that_is_a_file_is_no_home(shopctl, tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    for command in (["product", "list"], ["init"]):
        result = shopctl(*command, home=file)
        assert result.status == 5
        assert "Traceback" not in result.err
    assert file.read_text() == "mine"


def test_a_second_init_leaves_the_first_shop_alone(shopctl, home):
    before = (home / "shopctl.toml").read_text()
    result = shopctl("init", "--name", "Another")
    assert (result.status, (home / "shopctl.toml").read_text()) == (4, before)
    assert "already a shop" in result.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--currency", "EURO"], "is not a currency"),
        (["--timezone", "Mars/Olympus"], "no time zone"),
        (["--location", " "], "is empty"),
        (["--name", "two\nlines"], "shop.name"),
    ],
    ids=str,
)
def test_an_init_that_fails_leaves_no_half_shop(arguments, said, shopctl, tmp_path):
    new = tmp_path / "new"
    result = shopctl("init", *arguments, home=new)
    assert result.status == 2
    assert said in result.err
    assert not list(new.glob("*.db"))
    assert not (new / ".init").exists()
    assert shopctl("init", home=new).status == 0


def test_an_init_that_was_killed_can_be_done_again(shopctl, tmp_path):
    new = tmp_path / "new"
    script = (
        "import os, sys; from pathlib import Path; from shopctl import shop, home\n"
        f"with home.created(Path({str(new)!r})) as draft:\n"
        "    (draft / 'shopctl.toml').write_text('')\n"
        "    os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    assert shopctl("product", "list", home=new).status == 5
    assert shopctl("init", home=new).status == 0
    assert shopctl("doctor", home=new).status == 0


@pytest.mark.parametrize("folder", ["Dropbox", "OneDrive - Work", "Nextcloud"])
def test_a_synced_folder_is_refused_with_the_reason(folder, shopctl, tmp_path):
    result = shopctl("init", home=tmp_path / folder / "shop")
    assert result.status == 5
    assert "synced folder" in result.err
    assert not (tmp_path / folder).exists()


def _garbage(path):
    path.write_bytes(b"garbage " * 4096)


def _truncated(path):
    path.write_bytes(path.read_bytes()[:5000])


def _empty(path):
    path.write_bytes(b"")


def _foreign(path):
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")


@pytest.mark.parametrize("command", ANY_COMMAND, ids=" ".join)
@pytest.mark.parametrize(
    ("spoil", "status"), [(_garbage, 6), (_truncated, 6), (_empty, 5), (_foreign, 6)], ids=lambda x: str(x).split()[0]
)
def test_a_file_that_is_no_sound_shop_is_refused_and_left_as_it_is(spoil, status, command, shopctl, home):
    spoil(home / "shop.db")
    before = (home / "shop.db").read_bytes()
    result = shopctl(*command)
    assert result.status == status, result.err
    assert len(result.err.strip().splitlines()) == 2
    assert (home / "shop.db").read_bytes() == before


def test_a_check_of_a_damaged_file_says_so(shopctl, home):
    assert shopctl("db", "check").status == 0
    _garbage(home / "shop.db")
    result = shopctl("db", "check", "--json")
    assert (result.status, result.error["code"]) == (6, "unsound")


def test_a_shop_that_another_holds_for_long_is_busy(home, shop):
    """The lock of another process, and a database that something else has locked."""
    with (home / "shop.lock").open("w") as other, Shop(home) as waiting:
        fcntl.flock(other, fcntl.LOCK_EX)
        waiting._lock = WritersLock(home / "shop.lock", timeout=0.1)
        with pytest.raises(UnreachableError, match="Another process has been writing"), waiting.write():
            pass
        with waiting.read():
            pass
    with closing(sqlite3.connect(home / "shop.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with shop._engine.connect() as conn:
            conn.connection.driver_connection.execute("PRAGMA busy_timeout=50")
        with pytest.raises(UnreachableError, match="is locked by another process"), shop.write():
            pass


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_a_shop_of_somebody_else_cannot_be_used(home, tmp_path):
    """Run as a user who may neither read nor write it."""
    for folder in [home, *home.parents]:
        if len(folder.parts) > 2:
            folder.chmod(0o755)
    for path in home.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-m", "shopctl"]
    environment = {"PATH": os.environ["PATH"], "SHOPCTL_HOME": str(home), "HOME": "/nonexistent"}
    probe = subprocess.run([*as_nobody[:4], sys.executable, "-c", "0"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("this Python is not readable for other users")
    for command in ANY_COMMAND:
        done = subprocess.run(
            [*as_nobody, *command], env=environment, capture_output=True, text=True, check=False, cwd="/"
        )
        assert done.returncode == 5, done.stderr
        assert "cannot be written" in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "[shop\n",
        "shop = 1\n",
        "[shop]\nname = 3\n",
        "[mail]\nport = 'many'\n",
        "[mail]\nhots = 'x'\n",
        "[shop]\ntimezone = 'Foo/Bar'\n",
        "\xff\xfe",
    ],
)
def test_settings_that_cannot_be_read_say_what_is_wrong(text, shopctl, home):
    (home / "shopctl.toml").write_bytes(text.encode("latin-1"))
    result = shopctl("product", "list")
    assert result.status == 2
    assert len(result.err.strip().splitlines()) == 2


def test_a_shop_can_be_made_where_a_folder_is_already(tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "notes.txt").write_text("mine")
    shops.create(tmp_path / "here", {"shop.currency": "JPY"}, location="main").close()
    assert (tmp_path / "here" / "notes.txt").read_text() == "mine"


LONG = "x" * 300


@pytest.mark.parametrize(
    "arguments",
    [
        ["product", "list", "--home", f"/tmp/{LONG}"],
        ["product", "list", "--home", "~nobody-here/shop"],
        ["init", "--home", "~nobody-here/shop"],
        ["db", "backup", f"/tmp/{LONG}"],
        ["db", "backup", "/etc/passwd/copy"],
        ["product", "export", "-o", f"/tmp/{LONG}"],
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_a_name_that_the_system_refuses_is_told_and_is_no_bug(arguments, shopctl):
    result = shopctl(*arguments)
    assert result.status in (2, 5)
    assert len(result.err.strip().splitlines()) == 2
    assert "bug" not in result.err


def test_rejects_replace_neither_the_import_nor_what_is_no_file(shopctl, tmp_path):
    source = tmp_path / "src.csv"
    source.write_text("sku,name,price\nOK,Ok,1\nBAD,Bad,x\n")
    os.mkfifo(tmp_path / "pipe")
    for target in (source, tmp_path / "pipe"):
        assert shopctl("product", "import", str(source), "--skip-bad", str(target), "--force").status == 2
    assert source.read_text().count("\n") == 3
    assert (tmp_path / "pipe").is_fifo()
    assert shopctl("product", "list", "--json").json == []


@pytest.mark.parametrize("host", ["::1", "a..b", "x" * 80 + ".org"])
def test_a_mail_host_that_is_none_is_told(host, shopctl, monkeypatch):
    monkeypatch.setenv("SHOPCTL_MAIL__HOST", host)
    assert shopctl("notify", "test", "a@b.co").status in (2, 5)


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE alembic_version",
        "DELETE FROM alembic_version",
        "DROP TABLE customer",
        "UPDATE product SET name = CAST(X'C328' AS TEXT)",
    ],
)
def test_a_database_that_lost_a_part_is_told_and_is_no_bug(damage, shopctl, home, add):
    add("MUG", stock=1)
    with closing(sqlite3.connect(home / "shop.db")) as database:
        database.execute("PRAGMA foreign_keys=OFF")
        database.execute(damage)
        database.commit()
    for command in (*ANY_COMMAND, ["order", "place", "MUG=1", "--customer", "a@b.co"], ["db", "upgrade"]):
        assert shopctl(*command).status in (0, 5, 6), command


def test_broken_settings_are_told_when_one_is_set_and_left_as_they_are(shopctl, home):
    (home / "shopctl.toml").write_text("[shop\nx")
    assert shopctl("config", "set", "mail.host", "x").status == 2
    assert (home / "shopctl.toml").read_text() == "[shop\nx"
