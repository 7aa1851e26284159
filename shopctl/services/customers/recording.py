"""Recording who ordered."""

import re

from sqlalchemy import Connection, bindparam, insert, select, update

from shopctl.database import now, operation_id
from shopctl.errors import BadValueError
from shopctl.services.customers.queries import from_row
from shopctl.services.customers.tables import customer
from shopctl.services.customers.values import Customer
from shopctl.text import checked, identity, safe

# RFC 5321: 64 octets before the @, 254 in all. Stricter than RFC 5322 where a mail server would be, too: no quotes,
# no comments, no spaces, a domain of at least two labels or an address literal's worth of none.
_ADDRESS = re.compile(
    r"""[^\s@<>()\[\]\\,;:"\x00-\x1f\x7f]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]"""
)
MAX_LENGTH = 254
_BY_KEY = select(customer).where(customer.c.identity_key == bindparam("key"))


def email_address(text: str) -> str:
    """Return the e-mail address that `text` writes, without blanks around it.

    Raises:
        BadValueError: it is none, or one that no mail server takes.
    """
    address = checked(text, "e-mail address", limit=MAX_LENGTH, required=True)
    local = address.partition("@")[0]
    plain = _ADDRESS.fullmatch(address) and safe(address) == address  # no character that is not seen
    if not plain or ".." in address or local.startswith(".") or local.endswith("."):
        raise BadValueError(f"{safe(address, 100)!r} is no e-mail address.", "Write it like ada@example.org.")
    return address


def record(conn: Connection, who: str, *, name: str = "", phone: str = "") -> Customer:
    """Return the customer called `who`, recorded now if new; a new `name` or `phone` replaces the known one.

    Raises:
        BadValueError: it has an ``@`` and is no e-mail address, or a value cannot be used.
    """
    email = email_address(who) if "@" in who else None
    called = email or checked(who, "customer", limit=MAX_LENGTH, required=True)
    key = identity(called)
    name, phone = checked(name, "name", limit=200), checked(phone, "phone", limit=50)
    known = conn.execute(_BY_KEY, {"key": key}).one_or_none()
    if known is not None:
        if (name and name != known.name) or (phone and phone != known.phone):
            conn.execute(
                update(customer)
                .where(customer.c.id == known.id)
                .values(name=name or known.name, phone=phone or known.phone, operation_id=operation_id(conn))
            )
            return from_row(conn.execute(select(customer).where(customer.c.id == known.id)).one())
        return from_row(known)
    return from_row(
        conn.execute(
            insert(customer).returning(*customer.c),
            {
                "identity": called,
                "identity_key": key,
                "email": email,
                "name": name,
                "phone": phone,
                "created_at": now(conn),
                "operation_id": operation_id(conn),
            },
        ).one()
    )
