"""``shopctl db``."""

from pathlib import Path
from typing import Annotated

import typer

from shopctl import home as homes
from shopctl.cli import output
from shopctl.cli.context import Context, group, home, options
from shopctl.cli.output import Column
from shopctl.errors import UnsoundError
from shopctl.shop import Shop

app = group("The database: version, upgrade, backup, check.")


@app.command()
def status(context: Context) -> None:
    """Tell the version of the schema, and what an upgrade would do.

    Example: shopctl db status
    """
    from shopctl.database import schema

    with _any_version() as shop, shop.read() as conn:
        found = schema.status(conn)
        size = shop.database.stat().st_size
    if options.format not in (None, "table"):
        context.print({"path": str(shop.database), "size": size, **output.plain(found)})
        return
    pending = f"{len(found.pending)}: run shopctl db upgrade" if found.pending else "none"
    newer = found.version is not None and found.version > found.newest
    output.details(
        str(shop.database),
        [
            ("Schema", found.version or "none"),
            ("This shopctl", f"{found.newest}{' (older than the shop)' if newer else ''}"),
            ("Upgrades to run", pending),
            ("Size", f"{size / 1024**2:,.1f} MiB"),
        ],
    )


@app.command()
def upgrade(context: Context) -> None:
    """Bring the database to the schema of this shopctl, after a backup.

    Example: shopctl db upgrade
    """
    with _any_version() as shop:
        done = shop.upgrade()
    if options.format not in (None, "table"):
        context.print({"upgraded": done})
        return
    output.line(f"Upgraded through {', '.join(done)}." if done else "The database is up to date.")


@app.command()
def backup(
    context: Context,
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="Where; in backups/ if left out.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
) -> None:
    """Copy the database, in use or not, and verify the copy.

    Example: shopctl db backup /mnt/usb/shop.db
    """
    from shopctl.database.backup import backup as copy

    if file is not None:
        homes.refuse_own(Path(file))
    with _any_version() as shop:
        stamp = shop.clock().strftime("%Y%m%dT%H%M%S%f")
        target = Path(file) if file else shop.home / "backups" / f"shop-{stamp}.db"
        made = copy(shop.database, target.absolute(), force=force)
    context.print(made, [Column("path", "Copy"), Column("size", "Bytes", right=True)])


@app.command()
def check(context: Context) -> None:
    """Check the file: pages, indexes, CHECKs, references. `shopctl doctor` proves the numbers as well.

    Example: shopctl db check
    """
    import sqlite3
    from contextlib import closing

    from shopctl.database.backup import verify

    path = homes.checked(home()) / homes.DATABASE
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
            problems = verify(database)
    except sqlite3.DatabaseError as error:
        problems = [str(error)]
    if problems:
        raise UnsoundError(
            f"The database {path} is damaged: {'; '.join(problems[:5])}.",
            "Keep the file, and restore the newest good copy from `backups/`.",
            problems=problems,
        )
    context.print({"path": str(path), "sound": True}, [Column("path", "Database"), Column("sound", "Sound")])


def _any_version() -> Shop:
    return Shop(home(), actor=options.actor, check_schema=False)
