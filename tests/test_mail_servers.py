"""Mail leaves by the server that the shop's owner set up, safely, and a server's trouble never ends a message."""

import socket
import ssl
import sys
from email import message_from_bytes
from email.policy import default

import pytest
import trustme

from shopctl import settings, tasks
from shopctl.services import notifications, orders
from shopctl.services.notifications import NotificationFilter
from shopctl.services.orders import LineDraft, OrderDraft
from shopctl.shop import Shop

SECRET = "s3cret with spaces"


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture(scope="session")
def certified(authority):
    """A server's side of TLS, certified for 127.0.0.1."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusting(authority, tmp_path, monkeypatch):
    """This machine trusts the authority."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


@pytest.fixture
def deliver(home, shop, add):
    """Place two orders and deliver with these settings of [mail]; return the messages, oldest first."""
    add("MUG", stock=100)

    def run(**mail):
        settings.save(home, {f"mail.{name}": value for name, value in mail.items()})
        with shop.write() as conn:
            for i in range(2):
                orders.place(conn, OrderDraft(lines=(LineDraft("MUG", 1),), customer=f"c{i}@example.org"))
        with Shop(home) as sending:
            tasks.relay(sending)
            tasks.deliver(sending)
            with sending.read() as conn:
                return notifications.page(conn, NotificationFilter())[::-1]

    return run


@pytest.mark.parametrize("security", ["auto", "none"])
def test_plain_smtp(deliver, post_office, security):
    office = post_office()
    assert [m.state for m in deliver(host="127.0.0.1", port=office.port, security=security)] == ["sent", "sent"]
    assert [letter.sender for letter in office.accepted] == ["shop@127.0.0.1"] * 2


@pytest.mark.parametrize("security", ["auto", "starttls"])
@pytest.mark.usefixtures("trusting")
def test_starttls(deliver, post_office, certified, security):
    office = post_office(tls_context=certified, require_starttls=True)
    assert [m.state for m in deliver(host="127.0.0.1", port=office.port, security=security)] == ["sent", "sent"]


def test_a_server_with_a_certificate_that_nobody_vouches_for_gets_nothing(deliver, post_office, certified):
    office = post_office(tls_context=certified, password=SECRET)
    sent = deliver(host="127.0.0.1", port=office.port, user="shop", password_command=f"echo '{SECRET}'")
    assert [(m.state, m.attempts) for m in sent] == [("pending", 1), ("pending", 0)]
    assert "certificate verify failed" in sent[0].last_error
    assert office.asked == []


@pytest.mark.parametrize("security", ["starttls", "auto"])
def test_a_password_is_never_sent_without_tls(deliver, post_office, security):
    office = post_office()
    sent = deliver(host="127.0.0.1", port=office.port, security=security, user="shop", password_command="echo x")
    assert [m.state for m in sent] == ["pending", "pending"]
    assert "STARTTLS" in sent[0].last_error
    assert office.asked == []


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize("source", ["environment", "command"])
def test_the_password_comes_from_the_environment_or_a_command(
    deliver, post_office, certified, source, monkeypatch, home
):
    office = post_office(tls_context=certified, password=SECRET)
    command = ""
    if source == "environment":
        monkeypatch.setenv("SHOPCTL_MAIL__PASSWORD", SECRET)
    else:
        command = f"{sys.executable} -c 'print(\"{SECRET}\")'"
    sent = deliver(host="127.0.0.1", port=office.port, user="shop@corner.example", password_command=command)
    assert [(m.state, m.last_error) for m in sent] == [("sent", None)] * 2
    assert office.accepted[0].sender == "shop@corner.example"


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize(
    ("command", "said"),
    [("echo wrong", "535"), ("", "SHOPCTL_MAIL__PASSWORD"), ("false", "password_command"), ("no-such", "no-such")],
)
def test_a_wrong_or_missing_password_ends_no_message(deliver, post_office, certified, command, said):
    office = post_office(tls_context=certified, password=SECRET)
    sent = deliver(host="127.0.0.1", port=office.port, user="shop", password_command=command)
    assert [(m.state, m.attempts) for m in sent] == [("pending", 1), ("pending", 0)]
    assert said in sent[0].last_error
    assert sent[0].next_attempt_at is not None
    assert SECRET not in sent[0].last_error


def test_while_the_server_cannot_be_reached_one_message_asks_and_the_others_wait(deliver, shopctl):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        where = silent.getsockname()
        sent = deliver(host=where[0], port=where[1])
        assert [(m.state, m.attempts) for m in sent] == [("pending", 1), ("pending", 0)]
        assert f"127.0.0.1:{where[1]}" in sent[0].last_error
        burst = shopctl("worker", "run", "--burst")
        assert burst.status == 5
        assert f"127.0.0.1:{where[1]}" in burst.err
        assert "notify list" in burst.err


def test_without_a_server_each_message_is_a_file_that_mail_readers_open(deliver, home):
    assert [m.state for m in deliver()] == ["sent", "sent"]
    files = sorted((home / "outbox").iterdir())
    assert [path.name for path in files] == ["000001-order-placed-1001.eml", "000002-order-placed-1002.eml"]
    mail = message_from_bytes(files[0].read_bytes(), policy=default)
    assert (mail["To"], mail["Subject"]) == ("c0@example.org", "Your order 1001 at Corner Books")
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert files[0].stat().st_mode & 0o777 == 0o600


def test_an_outbox_that_cannot_be_written_keeps_its_messages(deliver, home):
    (home / "outbox").rmdir()
    (home / "outbox").write_text("a file")
    assert [(m.state, m.attempts) for m in deliver()] == [("pending", 1), ("pending", 0)]


@pytest.mark.parametrize("answer", ["250 OK", "450 later", "550 never"])
def test_notify_test_says_what_the_server_answers(post_office, home, shopctl, answer):
    office = post_office()
    office.answers["RCPT"] = answer
    settings.save(home, {"mail.host": "127.0.0.1", "mail.port": office.port})
    tried = shopctl("notify", "test", "me@example.org")
    assert tried.status == (0 if answer.startswith("250") else 5)
    assert "127.0.0.1" in tried.out if tried.status == 0 else answer in tried.err
    assert len(office.accepted) == (tried.status == 0)
