"""Lists of expired orders have those that a worker let go, and those whose time is up and that nobody has seen to."""

import pytest

from shopctl import tasks
from shopctl.services import orders
from shopctl.services.orders import OrderFilter, narrowing
from shopctl.shop import Shop


@pytest.fixture
def shop(home, monkeypatch):
    """A shop where an unpaid order ends after an hour."""
    monkeypatch.setenv("SHOPCTL_ORDERS__UNPAID_EXPIRY", "1h")
    with Shop(home, actor="tester") as opened:
        yield opened


@pytest.fixture(autouse=True)
def _stopped(later):
    """The clock stands still unless a test puts it forward."""


@pytest.fixture(params=["few", "many"])
def numbers(shop, request, monkeypatch):
    """Read a list two orders at a time, in a shop that takes its orders for few, or for many."""
    if request.param == "many":
        monkeypatch.setattr(narrowing, "FEW", 1)
        monkeypatch.setattr(narrowing, "FEW_OF_SEVERAL", 1)

    def read(**wanted):
        found = []
        while True:
            with shop.read() as conn:
                after = found[-1] if found else None
                more = orders.page(conn, OrderFilter(**wanted, after=after, limit=2))
            found += [one.number for one in more]
            if len(more) < 2:
                return found

    return read


@pytest.mark.parametrize("sort", ["-placed_at", "placed_at", "-total", "number"])
def test_seen_to_or_not_each_expired_order_is_listed_once(place, later, shop, numbers, sort):
    let_go = [place(("MUG", 1)).number for _ in range(3)]
    later(hours=2)
    assert tasks.expire(shop) == 3
    overdue = [place(("CAP", 1)).number for _ in range(3)]
    later(hours=2)
    kept = [place(("MUG", 1), paid="card").number, place(("CAP", 1)).number]
    assert sorted(numbers(status="expired", sort=sort)) == sorted(numbers(next="none", sort=sort)) == let_go + overdue
    assert sorted(numbers(status="expired", payment="unpaid", sort=sort)) == let_go + overdue
    assert numbers(status="expired", payment="paid", sort=sort) == []
    assert sorted(numbers(status="placed", sort=sort)) == kept
    if sort in ("placed_at", "number"):
        assert numbers(status="expired", sort=sort) == let_go + overdue
