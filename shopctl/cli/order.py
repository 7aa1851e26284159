"""``shopctl order``: the commands, in the order in which an order meets them. Only the one that runs is loaded."""

from importlib import import_module
from typing import Any

import typer

from shopctl.cli.context import ShopGroup, group

VERBS = {
    "place": "order_place",
    "confirm": "order_place",
    "edit": "order_place",
    "hold": "order_place",
    "unhold": "order_place",
    "note": "order_place",
    "pay": "order_money",
    "authorize": "order_money",
    "capture": "order_money",
    "void": "order_money",
    "refund": "order_money",
    "list": "order_show",
    "show": "order_show",
    "why": "order_show",
    "pick": "order_goods",
    "pack": "order_goods",
    "unpack": "order_goods",
    "ship": "order_goods",
    "unship": "order_goods",
    "deliver": "order_goods",
    "cancel": "order_goods",
    "return": "order_back",
    "inspect": "order_back",
    "claim": "order_back",
    "document": "order_document",
}
"""Every command, and the module of its function; a name that Python has taken ends in ``_`` there."""


class LazyVerbs(ShopGroup):
    """Knows its commands by name, and imports the one that is asked for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commands = dict.fromkeys(VERBS)  # type: ignore[assignment]  # a mistyped one is answered with the nearest

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (Typer's signature)
        """Return the names of all commands."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return a command, loaded."""
        if cmd_name not in VERBS:
            return None
        module = import_module(f"shopctl.cli.{VERBS[cmd_name]}")
        alone = group("")
        alone.command(name=cmd_name)(getattr(module, cmd_name, None) or getattr(module, f"{cmd_name}_"))
        return typer.main.get_command(alone)


app = group("Place, pay, pick, ship, take back, cancel and look at orders.", cls=LazyVerbs)


@app.callback()
def _orders() -> None:
    """Place, pay, pick, ship, take back, cancel and look at orders."""
