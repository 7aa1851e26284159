"""A message is delivered once, tried again as long as it may be, and explained when it cannot be."""

from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from msgspec.structs import replace

from shopctl import clock, settings, tasks
from shopctl.services import notifications, orders
from shopctl.services.notifications import LEASE, MAX_ATTEMPTS, WAITS, NotificationFilter
from shopctl.services.orders import Address, LineDraft, OrderDraft
from shopctl.shop import Shop


class Hands:
    """A clock whose hands the test moves."""

    def __init__(self) -> None:
        self.at = clock.now() + timedelta(hours=1)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


SCALE = 0.2
"""Of the waits, the lease and the deadline in these tests."""


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def office(post_office):
    return post_office()


@pytest.fixture
def mailing(home, office, hands, add):
    """A shop with mugs, whose mail goes to `office` and whose clock is `hands`; an attempt may take 4 seconds."""
    add("MUG", stock=100)
    settings.save(
        home,
        {
            "mail.host": "127.0.0.1",
            "mail.port": office.port,
            "mail.sender": "shop@corner.example",
            "notifications.retry_scale": SCALE,
        },
    )
    with Shop(home, actor="tester", clock=hands) as shop:
        yield shop


def place(shop, customer="ada@example.org", **fields):
    with shop.write() as conn:
        return orders.place(conn, OrderDraft(lines=(LineDraft("MUG", 1),), customer=customer, **fields)).number


def messages(shop):
    """Return the messages, oldest first, each with its attempts."""
    with shop.read() as conn:
        return [notifications.get(conn, m.id) for m in reversed(notifications.page(conn, NotificationFilter()))]


def states(shop):
    return [message.state for message in messages(shop)]


def work(shop):
    tasks.relay(shop)
    return tasks.deliver(shop).sent


def test_a_confirmation_is_sent_once_as_text_and_html(mailing, office):
    number = place(mailing, name="Ada Lovelace", ship_to=Address(name="Ada", line1="1 Mill Lane", city="Ely"))
    assert [work(mailing), work(mailing)] == [1, 0]
    (letter,) = office.accepted
    assert (letter.sender, letter.recipients) == ("shop@corner.example", ["ada@example.org"])
    assert letter.mail["From"] == "Corner Books <shop@corner.example>"
    assert letter.mail["Subject"] == f"Your order {number} at Corner Books"
    assert letter.mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in letter.mail.iter_parts()] == ["text/plain", "text/html"]
    for part in letter.mail.iter_parts():
        assert all(said in part.get_content() for said in ("Ada Lovelace", "MUG", "1 Mill Lane", "EUR"))
    assert states(mailing) == ["sent"]


def test_one_connection_carries_a_batch(mailing, office):
    for i in range(7):
        place(mailing, f"c{i}@example.org")
    assert work(mailing) == 7
    assert len(office.peers) == 1
    assert [letter.recipients for letter in office.accepted] == [[f"c{i}@example.org"] for i in range(7)]


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_transient_refusal_is_tried_again_later_and_later(mailing, office, step):
    office.answers[step] = "450 4.2.0 greylisted"
    place(mailing)
    waits = []
    for _ in WAITS:
        work(mailing)
        (message,) = messages(mailing)
        assert (message.state, message.last_error) == ("pending", "450 4.2.0 greylisted")
        waits.append((message.next_attempt_at - mailing.clock()).total_seconds())
        assert work(mailing) == 0  # not before its time
        mailing.clock.forward(waits[-1])
    assert [w for w, least in zip(waits, WAITS, strict=True) if not least * SCALE <= w <= least * SCALE * 1.11] == []
    del office.answers[step]
    assert work(mailing) == 1
    assert [attempt.outcome for attempt in messages(mailing)[0].attempt_log] == ["retry"] * 9 + ["accepted"]


def test_the_tenth_failure_is_the_last_until_a_person_says_retry(mailing, office):
    office.answers["RCPT"] = "450 later"
    place(mailing)
    for _ in range(MAX_ATTEMPTS + 3):
        work(mailing)
        mailing.clock.forward(100_000)
    assert states(mailing) == ["dead"]
    assert len(office.asked) == MAX_ATTEMPTS
    office.answers.clear()
    with mailing.write() as conn:
        notifications.retry(conn, [messages(mailing)[0].id])
    assert work(mailing) == 1
    assert states(mailing) == ["sent"]
    assert len(messages(mailing)[0].attempt_log) == MAX_ATTEMPTS + 1


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_permanent_refusal_is_final_at_once_and_stops_no_other(mailing, office, step):
    async def refuse_bob(_server, envelope):
        return "550 no such user" if "bob@example.org" in (*envelope.rcpt_tos, office.asked[-1]) else "250 OK"

    office.answers[step] = refuse_bob
    for name in ("ada", "bob", "cyd"):
        place(mailing, f"{name}@example.org")
    assert work(mailing) == 2
    assert states(mailing) == ["sent", "dead", "sent"]
    assert messages(mailing)[1].last_error == "550 no such user"
    mailing.clock.forward(1e6)
    assert work(mailing) == 0


@pytest.mark.parametrize("misbehaviour", ["drop", "hang"])
@pytest.mark.parametrize("step", ["EHLO", "RCPT", "DATA"])
def test_a_server_that_drops_or_hangs_is_tried_again_within_the_deadline(mailing, office, step, misbehaviour):
    hasty = replace(mailing.settings.notifications, retry_scale=0.02)  # an attempt may take 0.4 seconds
    mailing.settings = replace(mailing.settings, notifications=hasty)
    office.answers[step] = getattr(office, misbehaviour)
    place(mailing)
    began = clock.now()
    assert work(mailing) == 0
    assert (clock.now() - began).total_seconds() < 5
    assert states(mailing) == ["pending"]
    if misbehaviour == "hang":
        assert "no answer within 0.4 seconds" in messages(mailing)[0].last_error
    office.answers.clear()
    mailing.settings = replace(mailing.settings, notifications=replace(hasty, retry_scale=1))  # slow machines, too
    mailing.clock.forward(1)
    assert work(mailing) == 1
    assert len(office.accepted) == 1


def test_a_message_keeps_its_id_over_all_attempts_so_that_a_copy_can_be_told(mailing, office):
    async def accept_but_drop(server, envelope):
        heard.append(message_from_bytes(envelope.content, policy=default)["Message-ID"])
        return await office.drop(server, envelope) if len(heard) < 3 else "250 OK"

    heard = []
    office.answers["DATA"] = accept_but_drop
    place(mailing)
    for _ in range(3):
        work(mailing)
        mailing.clock.forward(1000)
    place(mailing)
    work(mailing)
    assert len(heard) == 4
    assert len(set(heard)) == 2
    assert heard[0].endswith("@corner.example>")


def test_names_with_line_breaks_and_markup_harm_no_message(mailing, office):
    name = "Eve\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script>{{ 7*7 }}\u202e\x1b[31m"
    place(mailing, name=name, ship_to=Address(name=name, line1="<b>"))
    assert work(mailing) == 1
    (letter,) = office.accepted
    assert letter.recipients == ["ada@example.org"]
    assert letter.mail["Bcc"] is None
    text, html = (part.get_content() for part in letter.mail.iter_parts())
    assert "Bcc" not in [line[:3] for line in text.splitlines()]
    assert "{{ 7*7 }}" in text
    assert not {"\x1b", "\u202e"} & {*text, *html}
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_an_order_without_an_address_sends_nothing_and_says_why(mailing, office):
    place(mailing, customer=None)
    place(mailing, customer="MARKET-4711")
    assert work(mailing) == 0
    assert [(m.state, m.last_error) for m in messages(mailing)] == [
        ("suppressed", "the customer has no e-mail address")
    ] * 2
    assert office.asked == []


def test_a_cancellation_waits_so_that_it_can_be_taken_back(mailing, office):
    first, second = place(mailing), place(mailing)
    assert work(mailing) == 2
    with mailing.write() as conn:
        orders.cancel(conn, first)
        orders.cancel(conn, second)
    assert work(mailing) == 0
    assert states(mailing) == ["sent", "sent", "held", "held"]
    with mailing.write() as conn:
        notifications.cancel(conn, [messages(mailing)[2].id])
    mailing.clock.forward(59)
    assert work(mailing) == 0
    mailing.clock.forward(2)
    assert work(mailing) == 1
    assert states(mailing) == ["sent", "sent", "cancelled", "sent"]
    assert office.accepted[-1].mail["Subject"] == f"Your order {second} at Corner Books was cancelled"


def test_an_order_that_was_cancelled_before_anybody_was_told_is_not_confirmed(mailing, office):
    number = place(mailing)
    with mailing.write() as conn:
        orders.cancel(conn, number)
    assert work(mailing) == 0
    assert states(mailing) == ["suppressed", "held"]
    assert messages(mailing)[0].last_error == "the order was cancelled before this could be sent"
    mailing.clock.forward(61)
    assert work(mailing) == 1
    assert [letter.mail["Subject"] for letter in office.accepted] == [
        f"Your order {number} at Corner Books was cancelled"
    ]


def test_a_draft_is_confirmed_to_the_customer_once_it_is_placed_and_its_end_is_nobodys_news(mailing, office):
    placed, dropped = place(mailing, draft=True), place(mailing, draft=True)
    assert work(mailing) == 0
    with mailing.write() as conn:
        orders.confirm(conn, placed)
        orders.cancel(conn, dropped)
    assert work(mailing) == 1
    assert states(mailing) == ["sent", "suppressed"]
    assert [letter.mail["Subject"] for letter in office.accepted] == [f"Your order {placed} at Corner Books"]


def test_an_event_that_cannot_be_told_stays_and_stops_no_other(mailing, office, shopctl):
    with mailing.write() as conn:
        conn.exec_driver_sql("INSERT INTO operation VALUES (999, '2026', 'a', 'a', 'h', 'command', 'c')")
        for kind, number in (("OrderPlaced", "no such order"), ("SomethingElse", "1001")):
            conn.exec_driver_sql(
                "INSERT INTO event (type, subject, payload, at, operation_id) VALUES (?, ?, '{}', '2026-11-23', 999)",
                (kind, number),
            )
    for _ in range(3):
        place(mailing)
    assert work(mailing) == 3
    assert work(mailing) == 0
    diagnosis = shopctl("doctor", "--json")
    assert diagnosis.status == 6
    (problems,) = [f["problems"] for f in diagnosis.json["findings"] if f["name"] == "Events are handed on"]
    assert len(problems) == 2
    assert len(office.accepted) == 3


def test_a_lease_that_ran_out_is_taken_over_and_the_late_worker_has_no_say(mailing):
    place(mailing)
    tasks.relay(mailing)
    with mailing.write() as conn:
        lost = notifications.claim(conn, "killed")
        assert notifications.claim(conn, "other") is None
    mailing.clock.forward(LEASE.total_seconds())
    with mailing.write() as conn:
        taken = notifications.claim(conn, "other")
        assert (taken.id, taken.attempt) == (lost.id, 2)
        assert not notifications.finish(conn, lost, notifications.Result("accepted", "late"))
        assert notifications.finish(conn, taken, notifications.Result("accepted", "in time"))
    (message,) = messages(mailing)
    assert [(a.outcome, a.owner) for a in message.attempt_log] == [("unknown", "killed"), ("accepted", "other")]


def test_a_lease_that_ran_out_at_the_last_attempt_is_dead_with_outcome_unknown(mailing):
    place(mailing)
    tasks.relay(mailing)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        with mailing.write() as conn:
            assert notifications.claim(conn, "killed").attempt == attempt
        mailing.clock.forward(LEASE.total_seconds())
    assert work(mailing) == 0
    (message,) = messages(mailing)
    assert (message.state, message.last_error) == ("dead", "outcome unknown")
    assert {attempt.outcome for attempt in message.attempt_log} == {"unknown"}
