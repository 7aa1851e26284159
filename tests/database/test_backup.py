"""Copies of a shop that is being written to are good ones, and a copy never replaces what it should not."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from shopctl.database.backup import backup, verify
from shopctl.errors import UnreachableError, UnsoundError
from shopctl.services import orders
from shopctl.services.orders import LineDraft, OrderDraft, OrderFilter
from shopctl.services.reports import soundness
from shopctl.shop import Shop

WRITER = """
import sys
from pathlib import Path
from threading import Event, Thread
from shopctl.services import orders
from shopctl.services.orders import LineDraft, OrderDraft
from shopctl.shop import Shop
ended = Event()
Thread(target=lambda: (sys.stdin.read(), ended.set())).start()
with Shop(Path(sys.argv[1])) as shop:
    while not ended.is_set():
        with shop.write() as conn:
            number = orders.place(conn, OrderDraft(lines=(LineDraft("MUG", 1),), customer="ada@example.org")).number
        print(number, flush=True)
        with shop.write() as conn:
            orders.cancel(conn, number)
"""


def count(home):
    with Shop(home) as shop, shop.read() as conn:
        assert [finding for finding in soundness.prove(conn, workers=0) if finding.problems] == []
        return len(orders.page(conn, OrderFilter()))


def test_every_copy_of_a_shop_that_four_processes_write_to_is_sound_and_current(home, shop, add, tmp_path):
    add("MUG", stock=1000)
    restored = shutil.copytree(home, tmp_path / "restored")
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for writer in writers:
        assert writer.stdout.readline()
    try:
        copies = []
        for i in range(25):
            with shop.read() as conn:
                acknowledged = len(orders.page(conn, OrderFilter()))
            copies.append((acknowledged, backup(shop.database, tmp_path / "copies" / f"{i}.db").path))
    finally:
        for writer in writers:
            writer.communicate(timeout=60)
    assert [writer.returncode for writer in writers] == [0] * 4
    for acknowledged, copy in copies:
        with closing(sqlite3.connect(copy)) as database:
            assert verify(database) == []
        for leftover in restored.glob("shop.db-*"):
            leftover.unlink()
        shutil.copy(copy, restored / "shop.db")
        assert count(restored) >= acknowledged >= 4
    assert copies[-1][0] > copies[0][0]


def test_a_backup_goes_to_the_backups_folder_for_its_owner_only(home, shopctl):
    made = shopctl("db", "backup", "--json")
    (copy,) = (home / "backups").iterdir()
    assert (made.status, made.json) == (0, {"path": str(copy), "size": copy.stat().st_size})
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as database:
        assert verify(database) == []


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize("kind", ["link", "dangling link", "folder", "the database"])
def test_a_backup_replaces_no_link_no_folder_and_not_the_database(home, tmp_path, shopctl, kind, force):
    other = tmp_path / "other"
    other.write_text("precious")
    target = home / "shop.db" if kind == "the database" else tmp_path / "copy.db"
    if kind == "folder":
        target.mkdir()
    elif "link" in kind:
        target.symlink_to(other if kind == "link" else tmp_path / "nowhere")
    before = (home / "shop.db").read_bytes()
    refused = shopctl("db", "backup", str(target), *force)
    assert refused.status == 2
    assert "Traceback" not in refused.err
    assert other.read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()
    assert (home / "shop.db").read_bytes() == before


def test_a_file_is_replaced_only_with_force(tmp_path, shopctl):
    target = tmp_path / "copy.db"
    target.write_text("precious")
    assert shopctl("db", "backup", str(target)).status == 2
    assert target.read_text() == "precious"
    assert shopctl("db", "backup", str(target), "--force").status == 0
    with closing(sqlite3.connect(target)) as database:
        assert verify(database) == []
    assert [path.name for path in tmp_path.glob("*copy*")] == ["copy.db"]


def test_a_damaged_database_makes_no_backup_and_spoils_no_earlier_one(home, shop, tmp_path):
    shop.close()
    good = tmp_path / "copy.db"
    backup(home / "shop.db", good)
    kept = good.read_bytes()
    with closing(sqlite3.connect(home / "shop.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode=DELETE")
    with (home / "shop.db").open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(4096 * 8))
    with pytest.raises(UnsoundError):
        backup(home / "shop.db", good, force=True)
    assert good.read_bytes() == kept


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 128 KiB, smaller than any shop."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mount: no small tmpfs can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_nothing_that_looks_like_a_backup(home, add, shop, small_disk):
    add("MUG", stock=5)
    with shop.write() as conn:
        orders.place(conn, OrderDraft(lines=(LineDraft("MUG", 1),)))
    with pytest.raises(UnreachableError, match="could not be written"):
        backup(home / "shop.db", small_disk / "copy.db")
    assert list(small_disk.iterdir()) == []


def test_a_shop_on_a_full_disk_changes_nothing_and_goes_on_once_there_is_space(home, small_disk, add, shop, tmp_path):
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    full = shutil.copytree(home, small_disk / "home")
    stuffing = small_disk / "stuffing"
    with pytest.raises(OSError, match="No space"), stuffing.open("wb") as file:
        while True:
            file.write(bytes(4096))
            file.flush()
    with Shop(full) as crowded:
        with pytest.raises(UnreachableError, match="full"), crowded.write() as conn:
            for i in range(5000):
                conn.exec_driver_sql(
                    "INSERT INTO operation VALUES (NULL, '2026', ?, 'u', 'h', 'command', 'c')", (f"{i}" * 50,)
                )
        stuffing.unlink()
    assert count(full) == 0
