"""``shopctl customer forget``: asking, erasing, and finishing what was interrupted."""

import msgspec

from shopctl.cli import output
from shopctl.cli.asking import ask
from shopctl.cli.context import Context
from shopctl.cli.output import Column
from shopctl.database import rewriting
from shopctl.errors import BadValueError, NotFoundError
from shopctl.services import customers, privacy
from shopctl.services.privacy import Finished, Forgotten

_FORGOTTEN_COLUMNS = [
    Column("customer", "Now called"),
    *(
        Column(name, name.title(), right=True)
        for name in ("orders", "addresses", "remarks", "documents", "messages", "files", "backups")
    ),
]
_LOG_STAYS = (
    "The database's log holds the person until the last process that reads the shop ends; "
    "`shopctl customer forget` empties it then."
)


def run(context: Context, who: str | None, *, dry_run: bool) -> None:
    """Forget `who`, or nobody, and finish what an earlier forgetting left to do.

    Raises:
        NotFoundError: there is no such customer, and nothing was left to finish.
        BadValueError: nobody is named, and nothing was left to finish.
        RefusedError: an order is open, a message is being sent, or the answer was no.
        UnreachableError: the disk is full; asked again, it goes on.
    """
    shop = context.shop
    if dry_run:
        _would_forget(context, who)
        return
    if privacy.unfinished(shop.home):
        finished = _finish(context)
        if who is None or not _known(context, who):
            context.print({"finished": finished.emptied, "files": finished.files})
            return
    person = _person(who)
    with shop.read() as conn:
        found = customers.get(conn, person)
    rewriting.check_room(shop.database)
    ask(f"Erase {output.cell_line(found.identity)} for good? This cannot be undone.")
    with context.writing() as conn:
        forgotten = privacy.forget(conn, person)
        privacy.begin(shop.home, forgotten.id)
    finished = privacy.finish(shop)
    if not finished.emptied:
        output.tell(_LOG_STAYS)
    _print_forgotten(context, forgotten, finished.files)


def _finish(context: Context) -> Finished:
    finished = privacy.finish(context.shop)
    output.tell("What an earlier `shopctl customer forget` left to do is done." if finished.emptied else _LOG_STAYS)
    return finished


def _person(who: str | None) -> str:
    if who is None:
        raise BadValueError(
            "Nothing is left to finish, and nobody is named.", "Name whom to forget: shopctl customer forget EMAIL."
        )
    return who


def _known(context: Context, who: str) -> bool:
    with context.shop.read() as conn:
        try:
            customers.get(conn, who)
        except NotFoundError:
            return False
    return True


def _would_forget(context: Context, who: str | None) -> None:
    shop = context.shop
    if privacy.unfinished(shop.home):
        output.tell("An earlier `shopctl customer forget` is to be finished; without --dry-run this does it.")
    with shop.write(command=context.command_path, dry_run=True) as conn:
        forgotten = privacy.forget(conn, _person(who))
    files = len(privacy.mail(shop.home / "outbox", forgotten.messages))
    if shop.effects is not None:
        erased = {
            "address": forgotten.addresses,
            "order_remark": forgotten.remarks,
            "document": forgotten.documents,
            "notification": len(forgotten.messages),
            "file": files,
        }
        rows = {**shop.effects.rows, **{name: count for name, count in erased.items() if count}}
        output.tell_effects(msgspec.structs.replace(shop.effects, rows=rows))
    _print_forgotten(context, forgotten, files)


def _print_forgotten(context: Context, forgotten: Forgotten, files: int) -> None:
    folder = context.shop.home / "backups"
    copies = privacy.backups(folder)
    counts = {"messages": len(forgotten.messages), "files": files, "backups": len(copies)}
    told = {name: value for name, value in output.plain(forgotten).items() if name != "id"}
    context.print({**told, **counts}, _FORGOTTEN_COLUMNS)
    if copies:
        kept = output.counted(len(copies), "backup")
        output.tell(f"Not touched: {kept} in {folder}, made before; delete them when you may.")
