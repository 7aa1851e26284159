"""The writers' lock: in turn, waited for with an end, freed by the kernel when its holder dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest

from shopctl.database.lock import WritersLock
from shopctl.errors import UnreachableError

HOLDER = """
import sys, time
from pathlib import Path
from shopctl.database.lock import WritersLock
with WritersLock(Path(sys.argv[1])).held():
    print("held", flush=True)
    sys.stdin.read()
"""
QUEUER = """
import sys, time
from pathlib import Path
from shopctl.database.lock import WritersLock
lock, turns, longest = WritersLock(Path(sys.argv[1])), 0, 0.0
print("ready", flush=True)
sys.stdin.readline()
end = time.monotonic() + 1.5
while (began := time.monotonic()) < end:
    with lock.held():
        longest = max(longest, time.monotonic() - began)
        turns += 1
        inside = time.monotonic() + 0.002
        while time.monotonic() < inside:
            pass
print(turns, longest)
"""


def started(script, path):
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    return process


@pytest.fixture
def path(tmp_path):
    return tmp_path / "shop.lock"


def test_one_at_a_time(path):
    inside, most, turns = Counter(), [], Counter()

    def work(name):
        for _ in range(30):
            with WritersLock(path).held():
                inside[name] += 1
                most.append(sum(inside.values()))
                inside[name] -= 1
                turns[name] += 1

    threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert set(most) == {1}
    assert set(turns.values()) == {30}


def queued(path):
    """Have four processes take turns for a while; return how many each got, and how long each waited at most."""
    queuers = [started(QUEUER, path) for _ in range(4)]
    for queuer in queuers:
        queuer.stdin.write("go\n")
        queuer.stdin.flush()
    reports = [queuer.communicate(timeout=60)[0].split() for queuer in queuers]
    return [int(turn) for turn, _ in reports], [float(wait) for _, wait in reports]


def test_nobody_waits_while_another_gets_turn_after_turn(path):
    """The machine may starve a process, which the lock cannot help; an unfair lock is unfair every time."""
    tries = (queued(path) for _ in range(4))
    assert any(min(turns) * 10 > max(turns) and max(waits) < 1.0 for turns, waits in tries)


def test_waiting_ends_and_tells_what_to_do(path):
    began = time.monotonic()
    with WritersLock(path).held(), pytest.raises(UnreachableError, match="writing to this shop") as caught:
        with WritersLock(path, timeout=0.1).held():
            pytest.fail("the lock is held by another")
    assert 0.1 <= time.monotonic() - began < 5
    assert "worker status" in caught.value.hint


def test_one_who_gave_up_does_not_take_the_lock_later(path):
    with WritersLock(path).held():
        for _ in range(3):
            with pytest.raises(UnreachableError), WritersLock(path, timeout=0.01).held():
                pytest.fail("the lock is held by another")
    for _ in range(3):
        with WritersLock(path, timeout=10).held():
            pass


def test_the_lock_of_a_killed_process_is_free_at_once(path):
    holder = started(HOLDER, path)
    with pytest.raises(UnreachableError), WritersLock(path, timeout=0.05).held():
        pytest.fail("the lock is held by another")
    got = threading.Event()

    def wait():
        with WritersLock(path, timeout=30).held():
            got.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not got.is_set()
    os.kill(holder.pid, signal.SIGKILL)
    assert got.wait(10)
    waiting.join()
    holder.communicate()


def test_a_child_process_does_not_keep_the_lock(path):
    with WritersLock(path).held():
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    with WritersLock(path, timeout=1).held():
        assert child.poll() is None
    child.communicate(b"\n")


def test_an_error_inside_frees_the_lock(path):
    with pytest.raises(ZeroDivisionError), WritersLock(path).held():
        raise ZeroDivisionError
    with WritersLock(path, timeout=0.05).held():
        assert path.stat().st_mode & 0o777 == 0o600
