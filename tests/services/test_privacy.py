"""Privacy: a person gets all that is known, and can be forgotten while the books stay."""

import pytest
from sqlalchemy import func, insert, select, text

from shopctl import shop as shops
from shopctl import tasks
from shopctl.database import operation_id, rewriting
from shopctl.errors import NotFoundError, RefusedError, UnreachableError
from shopctl.services import customers, documents, notifications, orders, privacy
from shopctl.services.customers import Address
from shopctl.services.documents.tables import document
from shopctl.services.notifications import NotificationFilter
from shopctl.services.notifications.tables import attempt, notification
from shopctl.services.orders import LineDraft, OrderDraft
from shopctl.services.orders.tables import order, remark
from shopctl.services.reports import soundness

HERS = {
    "name": "Ada Lovelace",
    "line1": "12 Analytical Lane",
    "postcode": "75005",
    "city": "Paris",
    "phone": "+33 1 23",
}
TRACES = (b"ada@example.org", b"ovelace", b"analytical lane", b"ring twice", b"changed her mind", b"likes engines")


@pytest.fixture
def buy(shop, add):
    """Place an order of Ada's; then have `meanwhile` done, and settle it: cancelled, and refunded."""
    add("MUG", price=990, stock=50)

    def place(who="ada@example.org", *, settled=True, meanwhile=None, **fields):
        fields = {"name": "Ada Lovelace", "ship_to": Address(**HERS), "note": "ring twice", "paid": "card", **fields}
        with shop.write() as conn:
            number = orders.place(conn, OrderDraft(lines=(LineDraft("MUG", 2),), customer=who, **fields)).number
        if meanwhile:
            meanwhile(shop)
        if settled:
            with shop.write() as conn:
                orders.cancel(conn, number, reason="changed her mind")
                orders.refund(conn, number)
        return number

    return place


@pytest.fixture
def history(shop, buy):
    """All that a shop can know of Ada: two orders, addresses, a remark, an invoice, messages sent and waiting."""

    def mailed_and_billed(shop):
        tasks.sweep(shop)
        with shop.write() as conn:
            documents.issue(conn, "1001", documents.INVOICE)

    first = buy(meanwhile=mailed_and_billed, bill_to=Address(**HERS), external_number="W-77")
    buy()
    tasks.relay(shop)
    with shop.write() as conn:
        ada = customers.edit(
            conn, "ada@example.org", phone="+33 1 23", locale="fr", marketing=True, note="likes engines"
        )
        customers.remember_address(conn, ada.id, "ship_to", Address(**HERS))
        order_id = conn.execute(select(order.c.id).where(order.c.number == first)).scalar_one()
        said = {"kind": "note", "before": "", "after": "Lovelace called", "operation_id": operation_id(conn)}
        conn.execute(insert(remark), {"order_id": order_id, **said})
    return first


@pytest.fixture
def forget(shop):
    """Forget somebody as the command does, files and all."""

    def run(who="ada@example.org"):
        with shop.write() as conn:
            forgotten = privacy.forget(conn, who)
        privacy.remove_mail(shop.home / "outbox", forgotten.messages)
        assert shop.rewrite()
        return forgotten

    return run


def traces(home):
    """What the files of a home still say of Ada, however it is written."""
    files = [path for path in home.rglob("*") if path.is_file()]
    return {(path.name, trace) for path in files for trace in TRACES if trace in path.read_bytes().lower()}


def books(shop):
    """What the books say: every order's numbers, and what the invariants find."""
    with shop.read() as conn:
        columns = (order.c.number, order.c.status, order.c.total, order.c.paid, order.c.refunded, order.c.placed_at)
        proved = [(finding.name, finding.problems) for finding in soundness.prove(conn, workers=0)]
        issued = conn.execute(select(document.c.kind, document.c.number, document.c.total)).all()
        return conn.execute(select(*columns).order_by(order.c.id)).all(), issued, proved


def test_the_export_holds_all_that_is_known(shop, history):
    with shop.read() as conn:
        found = privacy.export(conn, "ADA@example.org")
        known, messages = list(found.orders), list(found.messages)
    assert (found.customer.note, found.customer.locale, found.customer.marketing) == ("likes engines", "fr", True)
    assert found.ship_to == Address(**HERS)
    assert [one.order.number for one in known] == ["1001", "1002"]
    assert known[0].order.bill_to == Address(**HERS)
    assert [(said.kind, said.after) for said in known[0].remarks][-1] == ("note", "Lovelace called")
    assert known[0].documents[0].content["customer"]["name"] == "Ada Lovelace"
    assert {message.order_number for message in messages} == {"1001", "1002"}
    assert all("ada@example.org" in message.recipient for message in messages)
    assert messages[0].attempt_log[0].outcome == "accepted"


def test_the_export_holds_nothing_of_others(shop, history, buy):
    buy("bob@example.org", name="Bob", ship_to=None)
    tasks.relay(shop)
    with shop.read() as conn:
        found = privacy.export(conn, "bob@example.org")
        assert [one.order.customer.name for one in found.orders] == ["Bob"]
        assert {message.recipient for message in found.messages} == {"bob@example.org"}


def test_after_forgetting_no_file_holds_the_person(shop, history, home, forget):
    assert {trace for _, trace in traces(home)} == set(TRACES)
    forget()
    assert traces(home) == set()
    shop.close()
    assert traces(home) == set()


def test_texts_that_were_replaced_earlier_are_gone_too(shop, history, home, forget):
    for note in ("Augusta, Countess of Lovelace. " * 50, ""):
        with shop.write() as conn:
            conn.exec_driver_sql("PRAGMA secure_delete = OFF")  # as SQLite is built outside Debian
            customers.edit(conn, "ada@example.org", note=note)
    forget()
    assert traces(home) == set()
    assert b"Augusta" not in b"".join(path.read_bytes() for path in home.glob("shop.db*"))


def test_the_books_stay_as_they_were(shop, history, forget):
    before = books(shop)
    forgotten = forget()
    assert books(shop) == before
    assert all(problems == [] for _, problems in before[2])
    assert (forgotten.orders, forgotten.documents, forgotten.remarks >= 1) == (2, 1, True)
    with shop.read() as conn:
        kept = orders.get(conn, history)
        assert (kept.customer.email, kept.customer.name, kept.ship_to, kept.note) == (None, "", None, "")
        assert (kept.external_number, kept.lines[0].sku, kept.payments[0].method) == ("W-77", "MUG", "card")
        invoice = documents.get(conn, history, "INV-000001")
    assert (invoice.customer.name, invoice.customer.email, invoice.bill_to) == ("", "", Address())
    assert (invoice.seller, str(invoice.total), invoice.lines[0].sku) == ("Corner Books", "19.80", "MUG")


def test_an_order_is_found_by_its_numbers_and_no_longer_by_its_customer(shop, history, forget):
    forget()
    with shop.read() as conn:
        found = [
            conn.execute(text("SELECT rowid FROM order_search WHERE order_search MATCH :word"), {"word": word}).all()
            for word in ("1001", "lovelace", "paris")
        ]
    assert [len(rows) for rows in found] == [1, 0, 0]


def test_messages_that_wait_are_taken_back_and_none_goes_out_any_more(shop, history, forget):
    forget()
    tasks.sweep(shop)
    with shop.read() as conn:
        states = {found.state for found in notifications.page(conn, NotificationFilter())}
        said = conn.execute(select(notification.c.subject, notification.c.text, notification.c.html)).all()
        answers = conn.execute(select(func.max(attempt.c.answer))).scalar_one()
    assert states <= {"sent", "cancelled", "suppressed"}
    assert {text for row in said for text in row} == {answers} == {"(erased)"}
    assert list((shop.home / "outbox").iterdir()) == []


def test_the_mail_of_others_stays(shop, history, buy, forget):
    buy("bob@example.org", name="Bob", meanwhile=tasks.sweep)
    forget()
    with shop.read() as conn:
        left = {found.recipient for found in notifications.page(conn, NotificationFilter(order="1003"))}
    assert left == {"bob@example.org"}
    assert [path.name.endswith("1003.eml") for path in (shop.home / "outbox").iterdir()] == [True]


def test_a_message_composed_while_its_receiver_is_forgotten_is_not_kept(shop, buy, forget, home, monkeypatch):
    buy()

    def forgotten_meanwhile(conn, event):
        composed = notifications.order_confirmation(conn, event)
        with shop.write() as other:
            privacy.forget(other, "ada@example.org")
        return composed

    monkeypatch.setitem(tasks.SUBSCRIBERS, "OrderPlaced", (forgotten_meanwhile,))
    tasks.relay(shop)
    with shop.read() as conn:
        assert notifications.page(conn, NotificationFilter()) == []
    shop.rewrite()
    assert traces(home) == set()


def test_while_a_message_is_being_sent_nobody_is_forgotten(shop, buy, forget):
    def claim(shop):
        tasks.relay(shop)
        with shop.write() as conn:
            assert notifications.claim(conn, "a worker").recipient == "ada@example.org"

    buy(meanwhile=claim)
    with pytest.raises(RefusedError, match="being sent"):
        forget()


@pytest.mark.parametrize("paid", [None, "card"], ids=["unpaid", "not shipped"])
def test_while_an_order_is_open_its_customer_is_not_forgotten(buy, forget, paid):
    number = buy(settled=False, paid=paid)
    with pytest.raises(RefusedError, match=number) as refused:
        forget()
    assert refused.value.details["orders"] == [number]


def test_while_money_is_owed_the_customer_is_not_forgotten(shop, buy, forget):
    number = buy(settled=False)
    with shop.write() as conn:
        orders.cancel(conn, number)
    with pytest.raises(RefusedError, match=number):
        forget()
    with shop.write() as conn:
        orders.refund(conn, number)
    assert forget().orders == 1


def test_who_was_forgotten_is_nobody_s_name_any_more(shop, history, forget):
    forgotten = forget()
    for who in ("ada@example.org", forgotten.customer):
        with pytest.raises(NotFoundError):
            forget(who)
    with shop.read() as conn:
        assert customers.page(conn, customers.CustomerFilter()) == []


def test_ordering_again_makes_a_new_customer(shop, history, buy, forget):
    forget()
    number = buy(name="Ada King")
    with shop.read() as conn:
        again = customers.get(conn, "ada@example.org")
        placed = conn.execute(select(order.c.number).where(order.c.customer_id == again.id)).scalars().all()
    assert (again.name, placed) == ("Ada King", [number])


def test_a_reference_like_the_name_of_a_forgotten_customer_is_another_customer(shop, history, forget):
    forgotten = forget()
    with shop.write() as conn:
        made = customers.record(conn, forgotten.customer, name="Bob")
    assert made.name == "Bob"
    with shop.read() as conn:
        assert customers.get(conn, forgotten.customer) == made


def test_a_reader_keeps_the_log_and_that_is_told(shop, history, home, monkeypatch):
    monkeypatch.setattr(rewriting, "READERS", 0.05)
    with shops.Shop(home) as other, other.read() as reading:
        customers.get(reading, "ada@example.org")
        with shop.write() as conn:
            privacy.forget(conn, "ada@example.org")
        assert not shop.rewrite()
    assert shop.rewrite()


def test_without_room_to_write_the_database_anew_nothing_is_begun(shop, monkeypatch):
    full = type("Usage", (), {"free": 1_000})
    monkeypatch.setattr(rewriting.shutil, "disk_usage", lambda _: full)
    with pytest.raises(UnreachableError, match="MB"):
        rewriting.check_room(shop.database)
