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
from shopctl.services.orders import LineDraft, OrderDraft, OrderEdit
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

    first = buy(meanwhile=mailed_and_billed, bill_to=Address(**HERS))
    buy(external_number="W-77")
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
            privacy.begin(shop.home, forgotten.id)
        assert privacy.finish(shop).emptied
        return forgotten

    return run


def traces(home, of=TRACES):
    """What the files of a home still say of Ada, however it is written."""
    files = [path for path in home.rglob("*") if path.is_file()]
    return {(path.name, trace) for path in files for trace in of if trace in path.read_bytes().lower()}


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
        assert (kept.lines[0].sku, kept.payments[0].method) == ("MUG", "card")
        assert orders.get(conn, "1002").external_number == "W-77"
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


BOBS = {"name": "Bob Babbage", "line1": "5 Difference Row", "postcode": "1010", "city": "Wien"}


@pytest.fixture
def given_away(shop, buy):
    """An order of Ada's, billed and confirmed to her, that was then edited to be Bob's, and billed to him."""

    def edited(shop):
        tasks.sweep(shop)
        with shop.write() as conn:
            orders.note(conn, "1001", "Lovelace called")
            documents.issue(conn, "1001", documents.INVOICE)
        change = OrderEdit(
            email="bob@example.org", name="Bob Babbage", ship_to=Address(**BOBS), bill_to=Address(**BOBS)
        )
        with shop.write() as conn:
            orders.edit(conn, "1001", change)
        with shop.write() as conn:
            orders.note(conn, "1001", "Bob asked whether ADA@example.org has paid")

    return buy(meanwhile=edited, bill_to=Address(**HERS))


@pytest.mark.usefixtures("given_away")
def test_an_order_that_was_given_to_another_keeps_nothing_of_who_had_it(shop, home, forget):
    assert {trace for _, trace in traces(home)} >= {b"ada@example.org", b"ovelace", b"analytical lane"}
    forgotten = forget()
    assert traces(home, [*TRACES[:3], b"75005"]) == set()
    assert (forgotten.orders, forgotten.documents, forgotten.remarks) == (0, 1, 6)


def test_who_has_the_order_now_keeps_what_is_known(shop, given_away, forget):
    def bobs():
        with shop.read() as conn:
            found = privacy.export(conn, "bob@example.org")
            known = next(found.orders)
            issued = [document.content["customer"] for document in known.documents]
            return found.ship_to, known.order.customer, known.order.bill_to, issued, list(found.messages)

    before = bobs()
    assert before[:3] == (Address(**BOBS), orders.values.Buyer("bob@example.org", "Bob Babbage"), Address(**BOBS))
    forget()
    assert bobs() == before
    assert [problems for _, problems in books(shop)[2] if problems] == []


def test_forgetting_who_has_it_now_leaves_who_had_it(shop, home, given_away, forget):
    forget("bob@example.org")
    assert traces(home, [b"bob@example.org", b"babbage", b"difference row"]) == set()
    with shop.read() as conn:
        found = privacy.export(conn, "ada@example.org")
        former = list(found.former_orders)
    assert [said.before for said in former[0].remarks if said.kind == "name"] == ["Ada Lovelace"]
    assert former[0].documents[0].content["customer"]["email"] == "ada@example.org"
    forget()
    assert traces(home, TRACES[:3]) == set()


def test_the_export_of_who_has_it_now_shows_nothing_of_who_had_it(shop, given_away):
    with shop.read() as conn:
        found = privacy.export(conn, "bob@example.org")
        said = "".join(map(str, [*found.orders, *found.former_orders, *found.messages]))
    assert "5 Difference Row" in said
    assert [trace for trace in ("Lovelace", "Analytical") if trace in said] == []
    assert said.count("ada@example.org") == 0


def test_the_export_of_who_had_it_shows_what_it_says_of_that_one_only(shop, given_away):
    with shop.read() as conn:
        found = privacy.export(conn, "ada@example.org")
        former, messages = list(found.former_orders), list(found.messages)
        assert list(found.orders) == []
    assert [one.number for one in former] == [given_away]
    texts = {text for said in former[0].remarks for text in (said.before, said.after)}
    assert texts > {"ada@example.org", "Ada Lovelace", "Lovelace called"}
    assert any("12 Analytical Lane" in text for text in texts)
    assert "Bob" not in str(former) + str(found.ship_to)
    assert {message.recipient for message in messages} == {"ada@example.org"}


def test_an_address_that_was_left_and_is_nobody_s_is_forgotten_too(shop, home, given_away, buy, forget):
    buy()
    with shop.write() as conn:
        customers.edit(conn, "ada@example.org", email="countess@example.org")
    forget("countess@example.org")
    assert traces(home, [*TRACES[:3], b"countess@"]) == set()


def test_a_mention_is_erased_and_an_address_that_is_only_like_it_stays(shop, home, history, buy, forget):
    note = "pays for Ada@Example.org; not xada@example.org, not ada@example.org.uk"
    number = buy("bob@example.org", name="Bob", ship_to=None, note=note)
    forget()
    with shop.read() as conn:
        assert orders.get(conn, number).note == "pays for (erased); not xada@example.org, not ada@example.org.uk"


def test_who_had_an_order_is_known_by_a_reference_too(shop, home, buy, forget):
    def edited(shop):
        with shop.write() as conn:
            orders.edit(conn, "1001", OrderEdit(email="bob@example.org", name="Bob", ship_to=Address(**BOBS)))

    buy("W-17", meanwhile=edited)
    forget("W-17")
    assert traces(home, TRACES[1:3]) == set()


def test_an_edited_address_is_remembered_of_who_has_the_order_now(shop, given_away):
    with shop.read() as conn:
        ada, bob = (customers.get(conn, who) for who in ("ada@example.org", "bob@example.org"))
        known = [customers.addresses(conn, one.id)["ship_to"].city for one in (ada, bob)]
    assert known == ["Paris", "Wien"]


def test_an_order_given_to_a_known_customer_does_not_rename_that_one(shop, buy):
    buy("bob@example.org", name="Bob Babbage")

    def edited(shop):
        with shop.write() as conn:
            orders.edit(conn, "1002", OrderEdit(email="bob@example.org"))

    buy(meanwhile=edited)
    with shop.read() as conn:
        assert customers.get(conn, "bob@example.org").name == "Bob Babbage"


def test_what_was_interrupted_is_finished_by_doing_it_again(shop, history, home):
    with shop.write() as conn:
        privacy.begin(home, privacy.forget(conn, "ada@example.org").id)
    assert privacy.unfinished(home)
    assert traces(home)
    assert privacy.finish(shop).files == 1
    assert traces(home) == set()
    assert not privacy.unfinished(home)


def test_a_forgetting_that_was_taken_back_loses_no_mail(shop, history, home):
    sent = sorted((home / "outbox").iterdir())
    with pytest.raises(ZeroDivisionError), shop.write() as conn:
        privacy.begin(home, privacy.forget(conn, "ada@example.org").id)
        raise ZeroDivisionError
    privacy.finish(shop)
    assert sorted((home / "outbox").iterdir()) == sent != []


def test_while_a_reader_keeps_the_log_it_is_not_finished(shop, history, home, monkeypatch):
    monkeypatch.setattr(rewriting, "READERS", 0.05)
    with shops.Shop(home) as other, other.read() as reading:
        customers.get(reading, "ada@example.org")
        with shop.write() as conn:
            privacy.begin(home, privacy.forget(conn, "ada@example.org").id)
        assert not privacy.finish(shop).emptied
        assert privacy.unfinished(home)
    assert privacy.finish(shop).emptied
    assert not privacy.unfinished(home)


def test_what_the_first_change_since_replaced_is_still_of_who_had_the_order(shop, home, buy, forget):
    def edited(shop):
        for change in (
            OrderEdit(email="bob@example.org"),
            OrderEdit(name="Bob", ship_to=Address(**BOBS)),
            OrderEdit(name="Bob Babbage", email="carl@example.org"),
        ):
            with shop.write() as conn:
                orders.edit(conn, "1001", change)
        with shop.write() as conn:  # the order's name was taken for a customer without one
            customers.edit(conn, "bob@example.org", name="Bob")

    buy(meanwhile=edited)
    forget()
    assert traces(home, TRACES[:3]) == set()
    with shop.read() as conn:
        former = list(privacy.export(conn, "bob@example.org").former_orders)
    changes = [(said.before, said.after) for one in former for said in one.remarks if said.kind in ("email", "name")]
    assert changes == [("", "bob@example.org"), ("", "Bob"), ("bob@example.org", ""), ("Bob", "")]
