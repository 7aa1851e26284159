"""A worker, killed or not, loses no message, sends none that it need not, and ends when it is asked to."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from shopctl import events, settings
from shopctl.services import notifications, orders
from shopctl.services.notifications import NotificationFilter
from shopctl.services.orders import LineDraft, OrderDraft


def until(condition, seconds=30.0):
    """Wait for a condition; fail when it does not come about."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


class Worker(subprocess.Popen):
    """A running ``shopctl worker run``; what it says is read from `log`."""

    def __init__(self, home, log):
        self.log = log
        with log.open("wb") as file:
            super().__init__(
                [sys.executable, "-m", "shopctl", "worker", "run"],
                env={**os.environ, "SHOPCTL_HOME": str(home)},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    def end(self, sign=signal.SIGTERM):
        """Ask it to end; return its exit status."""
        self.send_signal(sign)
        return self.wait(30)


@pytest.fixture
def office(post_office):
    return post_office()


@pytest.fixture
def place(home, shop, add, office):
    """Place orders in a shop whose mail goes to `office`: a lease is 6 seconds, a retry comes after 0.5."""
    add("MUG", stock=1000)
    settings.save(home, {"mail.host": "127.0.0.1", "mail.port": office.port, "notifications.retry_scale": 0.1})

    def run(*customers):
        for customer in customers:
            with shop.write() as conn:
                orders.place(conn, OrderDraft(lines=(LineDraft("MUG", 1),), customer=f"{customer}@example.org"))

    return run


@pytest.fixture
def start(home, tmp_path):
    """Start workers; what is left of them at the end is killed."""
    started = []

    def run(*, alive=True):
        worker = Worker(home, tmp_path / f"worker{len(started)}.log")
        started.append(worker)
        if alive:
            until(lambda: "Ctrl-C ends it" in worker.log.read_text() or worker.poll() is not None)
        return worker

    yield run
    for worker in started:
        worker.kill()
        worker.wait()


@pytest.fixture
def messages(shop):
    def run():
        with shop.read() as conn:
            return [notifications.get(conn, m.id) for m in reversed(notifications.page(conn, NotificationFilter()))]

    return run


@pytest.fixture
def all_sent(messages, shop):
    """Whether every event was handed on and every message sent."""

    def run():
        with shop.read() as conn:
            if events.backlog(conn).waiting:
                return False
        return (found := messages()) and {message.state for message in found} == {"sent"}

    return run


def received(office):
    return Counter(letter.recipients[0].split("@")[0] for letter in office.accepted)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_worker_delivers_what_is_placed_while_it_runs_until_it_is_asked_to_end(
    place, start, all_sent, office, sign, shopctl
):
    place("before")
    worker = start()
    until(all_sent)
    place("while", "while2")
    until(lambda: received(office) == {"before": 1, "while": 1, "while2": 1} and all_sent())
    assert worker.end(sign) == 0
    assert "The worker has ended." in worker.log.read_text()
    assert "Traceback" not in worker.log.read_text()
    assert shopctl("doctor").status == 0


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_that_is_asked_to_end_finishes_what_it_sends(place, start, messages, office, sign):
    asked = asyncio.Event()

    async def slowly(_server, _envelope):
        worker.send_signal(sign)
        until_asked = asyncio.get_running_loop().call_later(0.3, asked.set)
        await asked.wait()
        until_asked.cancel()
        return "250 OK"

    office.answers["DATA"] = slowly
    worker = start()
    place("ada")
    assert worker.wait(30) == 0
    assert received(office) == {"ada": 1}
    assert [message.state for message in messages()] == ["sent"]


@pytest.mark.parametrize(
    ("step", "copies"),
    [("EHLO", 1), ("RCPT", 1), ("DATA", 2)],
    ids=["before it is sent", "at RCPT", "after it was accepted"],
)
def test_the_message_of_a_killed_worker_arrives_once_its_lease_is_over(
    place, start, all_sent, messages, office, step, copies, shopctl
):
    async def kill(_server, _envelope):
        del office.answers[step]
        os.kill(worker.pid, signal.SIGKILL)
        return "250 OK"

    office.answers[step] = kill
    worker = start()
    place("ada")
    assert worker.wait(30) == -signal.SIGKILL
    assert [message.state for message in messages()] == ["sending"]
    place("bob")
    start()
    until(all_sent)
    assert received(office) == {"ada": copies, "bob": 1}
    assert [len(message.attempt_log) for message in messages()] == [2, 1]
    assert messages()[0].attempt_log[0].outcome == "unknown"
    ids = {letter.mail["Message-ID"] for letter in office.accepted if "ada@example.org" in letter.recipients}
    assert len(ids) == 1
    assert shopctl("doctor").status == 0


def test_workers_killed_at_random_lose_nothing_and_claim_nothing(place, start, all_sent, messages, office):
    turn = iter(["450 later", "kill", "drop", "250 OK", "kill", "drop", "450 later", "kill"])

    async def unruly(server, envelope):
        what = next(turn, "250 OK")
        if what == "kill":
            workers[-1].kill()
        return await office.drop(server, envelope) if what == "drop" else "250 OK" if what == "kill" else what

    office.answers["DATA"] = unruly
    names = [f"c{i}" for i in range(12)]
    workers = [start(alive=False)]
    place(*names)

    def all_sent_by_ever_new_workers():
        if workers[-1].poll() is not None:
            workers.append(start(alive=False))
        return all_sent()

    until(all_sent_by_ever_new_workers, 60)
    copies = received(office)
    assert set(copies) == set(names)
    assert len(workers) == 4
    for message in messages():
        assert 1 <= copies[message.recipient.split("@")[0]] <= len(message.attempt_log)


def test_two_workers_send_nothing_twice(place, start, all_sent, messages, office):
    workers = [start(), start()]
    names = [f"c{i}" for i in range(30)]
    place(*names)
    until(all_sent)
    assert received(office) == dict.fromkeys(names, 1)
    assert {message.attempts for message in messages()} == {1}
    assert [worker.end() for worker in workers] == [0, 0]


@pytest.mark.parametrize("fault", ["deleted", "garbage in its place", "garbage in it"])
def test_orders_are_told_though_the_queue_file_is_lost(place, start, all_sent, office, home, fault):
    worker = start()
    place("ada")
    until(all_sent)
    if fault == "garbage in it":
        with (home / "queue.db").open("r+b") as file:
            file.write(b"garbage " * 4096)
    for path in home.glob("queue.db*"):
        if fault != "garbage in it" or path.suffix != ".db":
            path.unlink()
    if fault == "garbage in its place":
        (home / "queue.db").write_bytes(b"garbage " * 4096)
    place("bob", "cyd")
    until(lambda: received(office) == {"ada": 1, "bob": 1, "cyd": 1} and all_sent(), 90)
    assert worker.poll() is None
    assert worker.end() == 0


def test_a_task_in_the_queue_that_nobody_wrote_there_is_not_obeyed(place, start, all_sent, home, tmp_path):
    import pickle
    import sqlite3
    from contextlib import closing

    class Evil:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "obeyed"),))

    worker = start()
    place("ada")
    until(all_sent)
    for data in (pickle.dumps(Evil()), b"[]", b'["id", "no_such_task", null, 0, 0, [], {}, null, null, null, null]'):
        with closing(sqlite3.connect(home / "queue.db", timeout=30)) as queue, queue:
            queue.execute("INSERT INTO task (queue, data, priority) VALUES ('shopctl', ?, 0)", (data,))
    place("bob")
    until(all_sent)
    assert not (tmp_path / "obeyed").exists()
    assert worker.end() == 0


def test_status_tells_who_delivers_and_what_waits(place, start, all_sent, shopctl):
    place("ada")
    idle = shopctl("worker", "status", "--json").json
    assert (idle["alive"], idle["workers"], idle["events_waiting"]) == (False, [], 1)
    worker = start()
    until(all_sent)
    busy = shopctl("worker", "status", "--json").json
    assert (busy["alive"], [w["pid"] for w in busy["workers"]]) == (True, [worker.pid])
    assert (busy["events_waiting"], busy["due"]) == (0, 0)
    worker.kill()
    worker.wait()
    assert shopctl("worker", "status", "--json").json["alive"] is False
    assert "No worker runs" in shopctl("worker", "status").out


def test_only_the_first_order_without_a_worker_tells_how_its_mail_goes_out(home, shop, add, start, shopctl):
    add("MUG", stock=9)
    buy = ("order", "place", "MUG=1", "--customer", "ada@example.org", "--paid", "card")
    first, second = shopctl(*buy), shopctl(*buy)
    assert re.search(r"shopctl worker run --burst.*outbox", first.err)
    assert len(first.err.splitlines()) == 1
    assert second.err == ""
    assert shopctl("worker", "run", "--burst").status == 0
    assert len(list((home / "outbox").iterdir())) == 2
    start()
    assert shopctl(*buy).err == ""


def test_burst_does_all_that_is_due_and_ends(place, office, shopctl):
    place("ada", "bob", "cyd")
    done = shopctl("worker", "run", "--burst")
    assert (done.status, done.out) == (0, "")
    assert "sent 3 messages" in done.err
    again = shopctl("worker", "run", "--burst")
    assert "sent 0 messages" in again.err
    assert received(office) == {"ada": 1, "bob": 1, "cyd": 1}
