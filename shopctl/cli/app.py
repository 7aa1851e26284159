"""The root of the command line: groups that load on use, and the place where errors become exit statuses."""

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from shopctl.cli import context as contexts
from shopctl.cli import output
from shopctl.cli.context import ShopGroup, options
from shopctl.errors import BadValueError, ShopError, UnreachableError
from shopctl.text import safe

GROUPS = {
    "init": "Make a new shop.",
    "demo": "Make a small living shop to look at.",
    "product": "The catalogue: products, variants, prices, import and export.",
    "stock": "How much there is of what, where, and why.",
    "order": "Place, pay, pick, ship, take back, cancel and look at orders.",
    "shipment": "Parcels: where they are, and what carriers are told and say.",
    "customer": "Who ordered.",
    "location": "The places that hold stock.",
    "tax": "Tax rates, by class of goods and country.",
    "discount": "Discount codes: what they take off, for how long and how often.",
    "shipping": "The ways to ship, and what they cost.",
    "notify": "Messages to customers: what was sent, what waits, what failed.",
    "worker": "The process that delivers messages.",
    "doctor": "Prove that the shop's numbers hold.",
    "db": "The database: version, upgrade, backup, check.",
    "config": "The shop's settings.",
}
"""The commands and groups, in the order in which help lists them. Each is a module of this package."""

BUG = 70
INTERRUPTED = 130


class LazyGroups(ShopGroup):
    """The root: knows its groups by name and help, and imports the one that runs."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (Typer's signature)
        """Return the names of all commands."""
        return list(GROUPS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return a stub that help and completion can show."""
        return TyperGroup(name=cmd_name, help=GROUPS[cmd_name]) if cmd_name in GROUPS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that runs, loaded; for a mistyped one, name the nearest."""
        name = args[0]
        if name not in GROUPS and not name.startswith("-"):
            near = get_close_matches(name, GROUPS, cutoff=0.5)
            meant = f" Did you mean {' or '.join(near)}?" if near else " `shopctl --help` lists the commands."
            ctx.fail(f"There is no command {safe(name, 40)!r}.{meant}")
        found, command, rest = super().resolve_command(ctx, args)
        if found in GROUPS:
            command = typer.main.get_command(import_module(f"shopctl.cli.{found}").app)
            command.name = found
        return found, command, rest


app = typer.Typer(
    name="shopctl",
    cls=LazyGroups,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    help="Run a shop from the terminal: catalogue, orders, stock and mail.",
)


def _print_version(value: bool) -> None:
    if value:
        from shopctl import __version__

        output.line(f"shopctl {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    _version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Show the version."),
) -> None:
    """Run a shop from the terminal: catalogue, orders, stock and mail.

    Begin with: shopctl init, or look around in a living one: shopctl demo
    """
    if context.invoked_subcommand is None:
        output.line(context.get_help())


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status (``docs/exit-status.md``)."""
    os.umask(0o077)
    _open_standard_streams()
    contexts.reset()
    options.no_color = "--no-color" in arguments  # --help is printed before the options are read
    command = typer.main.get_command(app)
    if "_SHOPCTL_COMPLETE" in os.environ:
        command(prog_name="shopctl")
    status = 0
    try:
        _refuse_broken_text(arguments)
        with command.make_context("shopctl", list(arguments)) as context:
            command.invoke(context)
    except typer.Exit as ended:
        status = ended.exit_code
    except ShopError as error:
        output.fail(error.code, error.message, error.hint, error.details, json=_wants_json(arguments))
        status = error.status
        _trace()
    except TyperException as error:
        status = _usage(error, arguments)
    except (KeyboardInterrupt, typer.Abort):
        output.tell("")
        status = INTERRUPTED
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 (stays until the process ends)
    except OSError as error:  # a name, a folder, a disk or a right: the machine's doing, not a bug
        name = f" ({safe(str(error.filename), 200)})" if error.filename else ""
        hint = "Check the name, the disk and your rights."
        output.fail("unreachable", f"{error.strerror or error}{name}.", hint, {}, json=_wants_json(arguments))
        status = UnreachableError.status
        _trace()
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        hint = "Run it again with --debug, and send what it prints with what you did."
        output.fail("bug", f"shopctl has a bug: {safe(said, 300)}", hint, {}, json=_wants_json(arguments))
        status = BUG
        _trace()
    return status


def _open_standard_streams() -> None:
    """Have somewhere to write and read where the caller closed it (``>&-``), which Python leaves at None."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 (until the process ends)
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123


def _refuse_broken_text(arguments: Sequence[str]) -> None:
    """Refuse bytes that are no UTF-8, which Python brings as surrogates; files may be called so."""
    for text in arguments:
        if any("\ud800" <= char <= "\udfff" for char in text) and not os.path.lexists(text):
            raise BadValueError(f"{safe(text, 60)!r} is not valid text.", "Use UTF-8.")


def _usage(error: TyperException, arguments: Sequence[str]) -> int:
    message = str(getattr(error, "format_message", lambda: str(error))())
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        print(message, file=sys.stderr)
    else:
        hint = f"Try `{context.command_path} --help`." if context else ""
        output.fail("usage", message, hint, {}, json=_wants_json(arguments))
    return int(getattr(error, "exit_code", 2))


def _wants_json(arguments: Sequence[str]) -> bool:
    """Return whether errors are to be JSON; options may not have been read yet when they are wrong."""
    line = " ".join(arguments).replace("--format=", "--format ")
    return options.json or "--json" in arguments or "--format json" in line


def _trace() -> None:
    if options.debug:
        import traceback

        traceback.print_exc()
