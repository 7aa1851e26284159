"""The places that hold stock."""

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from shopctl.database import operation_id
from shopctl.errors import BadValueError, ConflictError, NotFoundError
from shopctl.services.inventory.tables import location
from shopctl.services.inventory.values import Location
from shopctl.text import checked, identity, nearest, safe

MAX_PRIORITY = 1_000_000


def add_location(conn: Connection, name: str, priority: int | None = None) -> Location:
    """Add a place; without a `priority` it comes after all others.

    Raises:
        ConflictError: the name is taken.
        BadValueError: a value cannot be used.
    """
    name = _name(name)
    if priority is None:
        priority = conn.execute(select(func.coalesce(func.max(location.c.priority), 0) + 10)).scalar_one()
    values = {"name": name, "name_key": identity(name), "priority": _priority(priority)}
    if any(identity(other.name) == values["name_key"] for other in locations(conn)):
        raise ConflictError(f"There is already a location {safe(name)}.", "Choose another name.", location=name)
    conn.execute(insert(location), {**values, "operation_id": operation_id(conn)})
    return get_location(conn, name)


def edit_location(conn: Connection, name: str, *, new_name: str | None = None, priority: int | None = None) -> Location:
    """Rename a place, or change its turn.

    Raises:
        NotFoundError: there is none with that name.
        ConflictError: the new name is taken.
        BadValueError: a value cannot be used.
    """
    found = get_location(conn, name)
    new_name = found.name if new_name is None else _name(new_name)
    try:
        conn.execute(
            update(location)
            .where(location.c.id == found.id)
            .values(
                name=new_name,
                name_key=identity(new_name),
                priority=found.priority if priority is None else _priority(priority),
                operation_id=operation_id(conn),
            )
        )
    except IntegrityError:
        raise ConflictError(f"There is already a location {safe(new_name)}.", "Choose another name.") from None
    return get_location(conn, new_name)


def locations(conn: Connection) -> list[Location]:
    """Return all places, in the order in which they serve."""
    rows = conn.execute(
        select(location.c.id, location.c.name, location.c.priority).order_by(location.c.priority, location.c.id)
    )
    return [Location(*row) for row in rows]


def get_location(conn: Connection, name: str | None) -> Location:
    """Return the place called `name`, or the first one.

    Raises:
        NotFoundError: there is none with that name.
    """
    known = locations(conn)
    if name is None:
        return known[0]
    for found in known:
        if identity(found.name) == identity(name):
            return found
    names = [found.name for found in known]
    raise NotFoundError(
        f"There is no location {safe(name, 70)}.",
        nearest(name, names) or f"There is {', '.join(safe(known) for known in names)}.",
        location=name,
    )


def _name(name: str) -> str:
    return checked(name, "name of the location", limit=64, required=True)


def _priority(priority: int) -> int:
    if not 0 <= priority <= MAX_PRIORITY:
        raise BadValueError(
            f"The priority {priority:,} is out of bounds.", f"Use 0 to {MAX_PRIORITY:,}; 0 serves first."
        )
    return priority
