"""What a command shows on a terminal, to a pipe, and when something breaks."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shopctl.services.reports import catalogue

pytestmark = pytest.mark.usefixtures("living")

BOXES = re.compile("[\u2500-\u257f]")
SHOPCTL = [sys.executable, "-m", "shopctl"]


@pytest.fixture
def terminal(home):
    """Run a command whose stdin, stdout and stderr are a terminal; give its status and all that it showed."""

    def run(*arguments: str, typed: str = "", **environment: str) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        child = subprocess.Popen(
            [*SHOPCTL, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={**os.environ, "SHOPCTL_HOME": str(home), "TERM": "xterm", "COLUMNS": "120", **environment},
        )
        os.close(theirs)
        os.write(ours, typed.encode())
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # Linux says EIO once the last process has closed its end
            pass
        os.close(ours)
        return child.wait(30), shown.decode()

    return run


def test_a_terminal_gets_colours(terminal):
    status, shown = terminal("order", "list")
    assert status == 0
    assert "\033[" in shown
    assert "\033[31m" in terminal("order", "show", "1")[1]


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [(("order", "list"), {"NO_COLOR": "1"}), (("order", "list", "--no-color"), {}), (("--help", "--no-color"), {})],
    ids=["NO_COLOR", "--no-color", "help"],
)
def test_without_colour_it_gets_neither(arguments, environment, terminal):
    status, shown = terminal(*arguments, **environment)
    assert status == 0
    assert "\033" not in shown
    assert not BOXES.search(shown)


def test_an_empty_no_color_counts_as_none(terminal):
    """no-color.org: when present and not an empty string."""
    assert "\033[" in terminal("order", "list", NO_COLOR="")[1]


def test_a_terminal_shows_fifty_rows_and_says_so(terminal, shopctl):
    catalogue_of_60 = "sku,name,price\n" + "".join(f"P{i:02},Pen {i},1\n" for i in range(60))
    shopctl("product", "import", "-", "--from", "csv", stdin=catalogue_of_60)
    shown = terminal("product", "list", "--no-color")[1]
    assert len(re.findall(r"\bP\d\d\b", shown)) == 48
    assert "first 50" in shown
    assert len(shopctl("product", "list").out.splitlines()) == 63


@pytest.mark.parametrize("command", [["order", "list"], ["order", "show", "1001"], ["product", "--help"], ["doctor"]])
def test_a_pipe_gets_plain_text(command, process):
    result = process(*command)
    assert result.status == 0
    assert "\033" not in result.out + result.err
    assert not BOXES.search(result.out + result.err)


def test_a_closed_pipe_ends_with_0(home, shopctl):
    many = "sku,name,price\n" + "".join(f"P{i},{'Pen' * 90},1\n" for i in range(2_000))
    shopctl("product", "import", "-", "--from", "csv", stdin=many)
    for verb in ("product list", "product list --json", "product export"):
        line = f'set -o pipefail; "$0" -m shopctl {verb} | head -1'
        done = subprocess.run(
            ["bash", "-c", line, sys.executable],
            env={**os.environ, "SHOPCTL_HOME": str(home)},
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, b""), verb
        assert done.stdout.count(b"\n") == 1


def test_nothing_is_asked_without_a_terminal(process):
    """Every command ends by itself on an empty stdin, whatever is left out."""
    assert process("product", "add").status == 2
    assert process("order", "place").status == 2
    assert process("order", "cancel", "1002").status == 0


@pytest.mark.parametrize(
    ("command", "nearest"),
    [
        (("ordre", "list"), "order"),
        (("order", "shwo", "1001"), "show"),
        (("order", "list", "--stauts", "placed"), "--status"),
        (("product", "show", "MGU"), "MUG"),
        (("order", "show", "10002"), "1002"),
        (("stock", "show", "--location", "wharehouse"), "warehouse"),
        (("customer", "show", "adda@example.org"), "ada@example.org"),
        (("config", "get", "mail.hots"), "mail.host"),
        (("notify", "preview", "order_plased", "--order", "1001"), "order_placed"),
    ],
    ids=" ".join,
)
def test_what_is_mistyped_is_answered_with_the_nearest(command, nearest, shopctl):
    result = shopctl(*command)
    assert result.status in (2, 3)
    assert re.search(rf"(Did you mean|Possible options).*{re.escape(nearest)}", result.err)


def test_a_bug_prints_no_traceback_unless_it_is_asked_for(shopctl, monkeypatch):
    monkeypatch.setattr(catalogue, "page", lambda *_, **__: {}["a bug"])
    quiet = shopctl("product", "list")
    assert quiet.status == 70
    assert "Traceback" not in quiet.err
    assert "--debug" in quiet.err
    assert "Traceback" in shopctl("product", "list", "--debug").err
    assert shopctl("product", "list", "--json").error["code"] == "bug"


def test_debug_shows_where_an_expected_error_was_raised(shopctl):
    assert "NotFoundError" in shopctl("order", "show", "9", "--debug").err
    assert "NotFoundError" not in shopctl("order", "show", "9").err


def test_ctrl_c_ends_with_130_and_keeps_the_shop_whole(home, content, tmp_path):
    """The order is read from a pipe that stays open: the command waits for it when it is interrupted."""
    before = content()
    started = tmp_path / "started"
    code = (
        "import sys, pathlib\n"
        "from shopctl.cli.app import run\n"
        "class Waiting:\n"
        "    def read(self, _):\n"
        f"        pathlib.Path({str(started)!r}).touch()\n"
        "        return sys.__stdin__.buffer.read()\n"
        "sys.stdin = type('Stdin', (), {'buffer': Waiting()})()\n"
        "sys.exit(run(['order', 'place', '-']))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, env={**os.environ, "SHOPCTL_HOME": str(home)}
    ) as child:
        deadline = os.times().elapsed + 30
        while not started.exists():
            assert child.poll() is None
            assert os.times().elapsed < deadline
        child.send_signal(2)
        assert child.wait(30) == 130
    assert content() == before
    assert not list(Path(home).glob("*.new"))


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_streams_stop_no_command(closed, home):
    command = f'"{sys.executable}" -m shopctl product add Teapot --price 1 {closed}'
    done = subprocess.run(
        ["bash", "-c", command],
        env={**os.environ, "SHOPCTL_HOME": str(home)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="/dev/full is no device on this machine")
def test_output_that_finds_no_room_is_told(home):
    done = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -m shopctl product list --json > /dev/full'],
        env={**os.environ, "SHOPCTL_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 5
    assert "The disk that takes the output is full" in done.stderr


@pytest.mark.parametrize(("typed", "status", "left"), [("y\n", 0, 0), ("n\n", 1, 1), ("\n", 1, 1)], ids=repr)
def test_a_person_is_asked_before_somebody_is_forgotten(typed, status, left, terminal, shopctl):
    for command in (("cancel", "1001"), ("refund", "1001"), ("cancel", "1002")):
        shopctl("order", *command)
    ended, shown = terminal("customer", "forget", "ada@example.org", typed=typed)
    assert "Erase ada@example.org for good?" in shown
    assert ended == status
    assert len(shopctl("customer", "list", "--json").json) == left


def test_a_row_of_orders_fits_a_terminal_of_80_columns(terminal, shopctl):
    shopctl("order", "refund", "1001", "--amount", "1")
    for number in ("1001", "1002"):
        shopctl("order", "ship", number)
    shopctl("order", "place", "CAP=1@12345", "--name", "Augusta Ada King-Noel, Countess of Lovelace")
    shown = terminal("order", "list", "--no-color", COLUMNS="80")[1]
    assert "partially_refunded" in shown
    assert max(len(row) for row in shown.splitlines() if "Not shown" not in row) <= 80
    assert re.search("Not shown, for lack of room: .*Placed", shown)
    assert "Placed" in terminal("order", "list", "--no-color", COLUMNS="120")[1].splitlines()[0]


def test_a_row_of_stock_moves_fits_a_terminal_of_80_columns(terminal, shopctl):
    shopctl("order", "pay", "1002")
    shopctl("order", "pack", "1001")
    shopctl("stock", "adjust", "MUG", "-1", "--reason", "broken when the shelf came down")
    shown = terminal("stock", "moves", "MUG", "--no-color", COLUMNS="80")[1]
    assert "…" in shown
    assert max(len(row) for row in shown.splitlines() if "Not shown" not in row) <= 80
