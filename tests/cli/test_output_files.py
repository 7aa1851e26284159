"""Files that commands write: never over the shop itself, never through a link, never half of one on a full disk."""

import shutil
import subprocess

import pytest

from shopctl import settings

pytestmark = pytest.mark.usefixtures("living")

OWN = [
    "shop.db",
    "shop.db-wal",
    "shop.db-shm",
    "shop.db-journal",
    "queue.db",
    "queue.db-wal",
    "shop.lock",
    "shopctl.toml",
]
BAD_ROW = "sku,name,price\nPEN,Pen,-1\n"
WRITERS = {
    "customer export": ("customer", "export", "ada@example.org", "--output"),
    "shipment export": ("shipment", "export"),
    "product export": ("product", "export", "--output"),
    "skip-bad": ("product", "import", "-", "--from", "csv", "--skip-bad"),
}


def kept(home):
    return {
        path.name: path.read_bytes() for path in home.iterdir() if path.is_file() and path.name in OWN[:1] + OWN[7:]
    }


@pytest.mark.parametrize("name", OWN)
def test_no_file_of_the_shop_itself_is_written_over_however_it_is_forced(name, home, shopctl):
    before = kept(home)
    result = shopctl("customer", "export", "ada@example.org", "--output", str(home / name), "--force")
    assert result.status == 2
    assert "a file of the shop itself" in result.err
    assert "Name another file" in result.err
    assert kept(home) == before


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_no_command_writes_over_the_shop(command, home, shopctl, monkeypatch):
    before = kept(home)
    monkeypatch.chdir(home)
    for name in ("shop.db", str(home / "outbox" / ".." / "shop.db"), "shopctl.toml"):
        result = shopctl(*command, name, "--force", stdin=BAD_ROW)
        assert (result.status, "a file of the shop itself" in result.err) == (2, True)
    assert kept(home) == before


def test_a_backup_does_not_take_the_place_of_the_settings_nor_of_another_shop(home, shopctl, tmp_path):
    other = shutil.copytree(home, tmp_path / "other")
    before = kept(home)
    for target in (home / "shopctl.toml", home / "queue.db", other / "shop.db"):
        assert shopctl("db", "backup", str(target), "--force").status == 2
    assert kept(home) == kept(other) == before


def test_a_file_that_only_has_such_a_name_is_replaced(shopctl, tmp_path):
    file = tmp_path / "shopctl.toml"
    file.write_text("mine")
    assert shopctl("customer", "export", "ada@example.org", "--output", str(file), "--force").status == 0
    assert "ada@example.org" in file.read_text()


def test_a_link_is_told_as_one_and_neither_followed_nor_replaced(shopctl, tmp_path):
    (tmp_path / "mine.json").write_text("mine")
    (tmp_path / "link.json").symlink_to(tmp_path / "mine.json")
    result = shopctl("customer", "export", "ada@example.org", "--output", str(tmp_path / "link.json"), "--force")
    assert result.status == 2
    assert "is a link" in result.err
    assert "--force" not in result.err
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "mine.json").read_text() == "mine"


def test_a_name_that_no_file_can_have_is_told(shopctl, tmp_path):
    for name in (str(tmp_path), "x" * 5_000, str(tmp_path / "none" / "x.json"), ""):
        result = shopctl("customer", "export", "ada@example.org", "--output", name, "--force")
        assert (result.status, "--force" in result.err) == (2, False)


@pytest.fixture
def full_disk(tmp_path):
    """A disk of 1 MiB with no room left but for the names of files."""
    folder = tmp_path / "full"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mount: no small tmpfs can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def stuff(folder):
    with pytest.raises(OSError, match="No space"), (folder / "stuffing").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


@pytest.mark.parametrize(
    "command", [*WRITERS.values(), ("order", "document", "1001", "--kind", "slip", "--output")], ids=[*WRITERS, "slip"]
)
def test_a_full_disk_is_told_as_one_and_gets_no_half_a_file(command, full_disk, shopctl):
    stuff(full_disk)
    result = shopctl(*command, str(full_disk / "x.md"), stdin=BAD_ROW)
    assert result.status == 5
    assert "No space left" in result.err
    assert "Free some space" in result.err
    assert [path.name for path in full_disk.iterdir()] == ["stuffing"]


def test_a_setting_that_finds_no_room_changes_nothing(home, full_disk, shopctl):
    full = full_disk / "home"
    full.mkdir()
    for name in ("shop.db", settings.FILE):
        (full / name).write_bytes((home / name).read_bytes() if name == settings.FILE else b"")
    before = kept(full)
    stuff(full_disk)
    result = shopctl("config", "set", "shop.name", "Elsewhere", home=full)
    assert result.status == 5
    assert "nothing was changed" in result.err
    assert kept(full) == before
    assert sorted(path.name for path in full.iterdir()) == ["shop.db", settings.FILE]


def test_a_shop_whose_disk_has_no_room_even_to_read_says_that_it_may_be_full(home, full_disk, shopctl):
    """SQLite says "disk I/O error" where the file that readers share cannot be made."""
    subprocess.run(["mount", "-o", "remount,size=8m", str(full_disk)], check=True)
    full = shutil.copytree(home, full_disk / "home")
    stuff(full_disk)
    result = shopctl("order", "place", "MUG=1", home=full)
    assert result.status == 5
    assert "is full or gives errors; nothing was changed" in result.err
    assert "Free some space" in result.err
