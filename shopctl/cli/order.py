"""``shopctl order``: the commands, in the order in which an order meets them."""

from shopctl.cli import order_back, order_document, order_goods, order_money, order_place, order_show
from shopctl.cli.context import group
from shopctl.cli.order_parts import COLUMNS

__all__ = ["COLUMNS", "app"]

app = group("Place, pay, pick, ship, take back, cancel and look at orders.")

for command in (
    order_place.place,
    order_place.confirm,
    order_place.edit,
    order_place.hold,
    order_place.unhold,
    order_place.note,
    order_money.pay,
    order_money.authorize,
    order_money.capture,
    order_money.void,
    order_money.refund,
    order_show.list_,
    order_show.show,
    order_show.why,
    order_goods.pick,
    order_goods.pack,
    order_goods.unpack,
    order_goods.ship,
    order_goods.unship,
    order_goods.deliver,
    order_goods.cancel,
    order_back.return_,
    order_back.inspect,
    order_back.claim,
    order_document.document,
):
    app.command(name=command.__name__.rstrip("_"))(command)
