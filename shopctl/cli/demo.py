"""``shopctl demo``: the main job, from an empty folder to a delivered confirmation, with the commands that do it."""

import email
import email.policy
import shlex
import shutil
import sys
from pathlib import Path

import typer

from shopctl import home as homes
from shopctl import sample
from shopctl.cli import output
from shopctl.cli.context import Context, ShopCommand, options
from shopctl.errors import ShopError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

_MARK = ".demo"
_NAME = "Paper & Clay"

REFUSED = "order place LAMP=1 --customer late@example.org"
OPENING = (
    ("A new shop, and its catalogue.", f"init --name '{_NAME}' --currency EUR --timezone Europe/Paris"),
    ("", f"product import {sample.PRODUCTS.name}"),
    ("", "product list gift"),
    (
        "Orders: stock is reserved at once, and never sold twice.",
        (
            "order place MUG=2 INK-SEPIA=1 --customer ada@example.org --name 'Ada Lovelace' --shipping 4.90"
            " --tax-rate 20 --ship-to 'Ada Lovelace, 12 rue des Carmes, 75005 Paris, France' --paid card"
        ),
    ),
    ("", "order place NB-A5-LINED=3 PEN-F=1 --customer grace@example.org --name 'Grace Hopper' --discount 10%"),
    ("", "order place CANDLE=12 --customer alan@example.org --name 'Alan Turing' --paid transfer"),
    ("", "order place LAMP=1 --customer hedy@example.org --name 'Hedy Lamarr' --paid card"),
    ("The only lamp is sold. Another one is not:", REFUSED),
    ("Money that arrives, and an order that is cancelled.", "order pay 1002 --method transfer"),
    ("", "order cancel 1003 --reason 'ordered twice'"),
    ("The parcel: what to fetch from which bin, and off it goes.", "order pick --ready"),
    ("", "order ship 1001 --carrier DHL --tracking 00340434161094042557"),
    ("", "order why 1002"),
    ("Messages go out: no mail server is set up, so each becomes a file in outbox/.", "worker run --burst"),
)
CLOSING = (
    ("Where the shop stands.", "order list"),
    ("", "stock show INK-SEPIA NB-A5-DOTS LAMP"),
    ("And every number is proved from its records.", "doctor"),
)
NEXT = (
    ("order show 1001", "an order, its payment and its timeline"),
    ("order return 1001 MUG=1 --restock", "a mug comes back; what it cost is owed"),
    ("order document 1001 --kind invoice", "an invoice, numbered and frozen"),
    ("stock moves MUG", "why there are so many"),
    ("order place TEAPOT=1 --dry-run", "see what would happen"),
    ("notify list", "every message, and how far it came"),
    ("product list --low", "what to reorder"),
)


@app.command(cls=ShopCommand)
def demo(context: Context) -> None:  # noqa: ARG001 (carries --home)
    """Make a small living shop from the bundled sample, and show each command that does it.

    Example: shopctl demo --home demo-shop
    """
    home = Path(options.home).expanduser() if options.home else homes.default().with_name("shopctl-demo")
    no_color = options.no_color
    if (home / _MARK).exists():
        earlier = home.with_name(f"{home.name}.old")
        shutil.rmtree(earlier, ignore_errors=True)
        home.rename(earlier)
        output.tell(f"The demo that was in {home} is now in {earlier}.")
    _play(home, OPENING)
    (home / _MARK).touch()
    _show_mail(home)
    _play(home, CLOSING)
    options.no_color = no_color
    _say_what_next(home)


def _play(home: Path, steps: tuple[tuple[str, str], ...]) -> None:
    """Run each command as a person would, and stop if one ends as it should not."""
    from shopctl.cli.app import run

    for heading, command in steps:
        if heading:
            output.line(f"\n{output.bold(heading)}")
        output.line(output.styled(f"\n$ shopctl {command}", "dim"))
        words = [str(sample.PRODUCTS) if word == sample.PRODUCTS.name else word for word in shlex.split(command)]
        status = run(["--home", str(home), *words])
        if status != (1 if command == REFUSED else 0):
            raise ShopError(f"The demo stopped: shopctl {command} ended with {status}.", f"It leaves {home} as it is.")


def _show_mail(home: Path) -> None:
    """Print the confirmation of the first order as its receiver reads it."""
    path = min((home / "outbox").glob("*.eml"))
    with path.open("rb") as file:
        mail = email.message_from_binary_file(file, policy=email.policy.default)
    body = mail.get_body(("plain",))
    output.line(output.bold(f"\nWhat Ada reads ({path.name}):"))
    output.line()
    for name in ("From", "To", "Subject"):
        output.line(f"  │ {name}: {output.cell_line(str(mail[name]))}")
    output.line("  │")
    for text in str(body.get_content() if body else "").splitlines():
        output.line(f"  │ {output.cell_line(text)}".rstrip())


def _say_what_next(home: Path) -> None:
    output.line(f"\n{output.bold(f'{_NAME} is open in {home}.')} Try next:")
    output.line()
    if shutil.which("shopctl") is None:
        output.line(f'  export PATH="{Path(sys.executable).parent}:$PATH"')
    output.line(f"  export SHOPCTL_HOME={shlex.quote(str(home.absolute()))}")
    width = max(len(command) for command, _ in NEXT)
    for command, about in NEXT:
        output.line(f"  shopctl {command.ljust(width)}   {about}")
