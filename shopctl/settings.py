"""The settings of a shop: command line, then ``SHOPCTL_*``, then ``shopctl.toml``, then the defaults."""

import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from shopctl.errors import NO_ROOM, BadValueError, UnreachableError
from shopctl.text import nearest, safe

FILE = "shopctl.toml"
PREFIX = "SHOPCTL_"
FIXED_AT_INIT = ("shop.currency", "shop.prices_include_tax")

Line = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class ShopSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who the shop is. The currency and the kind of prices are chosen at ``init`` and stay.

    `country` is where the shop is, as addresses name it (``FR``): a sale without an address is taxed there. `address`
    (its lines separated by commas) and `tax_id` stand on its invoices.
    """

    name: Line = "My shop"
    currency: str = "EUR"
    timezone: str = "UTC"
    country: Line = ""
    address: Line = ""
    tax_id: Line = ""
    prices_include_tax: bool = True


class MailSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How mail leaves. Without a host, messages are written to the home's ``outbox/``.

    The password comes from ``SHOPCTL_MAIL__PASSWORD`` or from the output of `password_command`, never from the file.
    """

    host: Line = ""
    port: Annotated[int, Meta(ge=0, le=65535)] = 0
    security: Literal["auto", "starttls", "tls", "none"] = "auto"
    user: Line = ""
    password_command: Line = ""
    sender: Line = ""


class NotificationSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When messages go out.

    `delay` is how many seconds a message that can be taken back (a cancellation) waits; `retry_scale` multiplies the
    waits between attempts, the lease and the deadline of one attempt.
    """

    delay: Annotated[float, Meta(ge=0, le=86400)] = 60.0
    retry_scale: Annotated[float, Meta(ge=0.001, le=100)] = 1.0


_DURATION = r"^(off|[1-9][0-9]{0,4}[mhdw])$"
Duration = Annotated[str, Meta(pattern=_DURATION)]


class OrderSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a draft holds its stock, and an unpaid order keeps it: ``30m``, ``12h``, ``3d``, ``2w``, or ``off``."""

    draft_expiry: Duration = "3d"
    unpaid_expiry: Duration = "off"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings, by section."""

    shop: ShopSettings = ShopSettings()
    mail: MailSettings = MailSettings()
    notifications: NotificationSettings = NotificationSettings()
    orders: OrderSettings = OrderSettings()


def names() -> list[str]:
    """Return the name of every setting, such as ``mail.host``."""
    return [f"{section}.{key}" for section, values in _defaults().items() for key in values]


def load(home: Path, environ: Mapping[str, str] = os.environ) -> tuple[Settings, dict[str, str]]:
    """Return the settings of the shop in `home`, and where each that is not a default comes from.

    Raises:
        BadValueError: the file or the environment holds something that is no setting or no value for it, or the
            environment contradicts what was chosen at ``init``.
    """
    merged: dict[str, dict[str, Any]] = {}
    origins: dict[str, str] = {}
    for origin, found in ((FILE, _from_file(home / FILE)), ("environment", _from_environment(environ))):
        for name, value in found.items():
            section, key = name.split(".")
            if name in FIXED_AT_INIT and name in origins:
                _same(name, merged[section][key], value)
                continue
            merged.setdefault(section, {})[key] = value
            origins[name] = origin
    return _convert(merged), origins


def check(name: str, value: str) -> Any:
    """Return `value` as the setting called `name` keeps it.

    Raises:
        BadValueError: no such setting, or not a value for it.
    """
    _known(name)
    section, key = name.split(".")
    return getattr(getattr(_convert({section: {key: value}}), section), key)


def save(home: Path, values: Mapping[str, Any]) -> None:
    """Write `values` (by name) into the shop's ``shopctl.toml``, keeping its comments and the rest.

    Raises:
        BadValueError: the file cannot be read.
        UnreachableError: it cannot be written, such as on a full disk; it stays as it was.
    """
    import tomlkit

    path = home / FILE
    _from_file(path)  # what cannot be read is told, and left as it is
    document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    for name, value in values.items():
        section, key = name.split(".")
        table = document.setdefault(section, tomlkit.table())
        table[key] = value
    draft = path.with_suffix(".toml.new")
    try:
        draft.write_text(tomlkit.dumps(document), "utf-8")
        draft.chmod(0o600)
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise UnreachableError(
            f"{path} cannot be written: {error.strerror}; nothing was changed.",
            "Free some space and do it again." if error.errno in NO_ROOM else "Check the rights of the shop's folder.",
        ) from None


def get(settings: Settings, name: str) -> Any:
    """Return the value of the setting called `name`.

    Raises:
        BadValueError: no such setting.
    """
    _known(name)
    section, key = name.split(".")
    return getattr(getattr(settings, section), key)


def _defaults() -> dict[str, dict[str, Any]]:
    defaults: dict[str, dict[str, Any]] = msgspec.to_builtins(Settings())
    return defaults


def _known(name: str) -> None:
    if name not in names():
        raise BadValueError(
            f"There is no setting {name!r}.", nearest(name, names()) or "`shopctl config show` lists them."
        )


def _from_file(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, OSError, RecursionError) as error:
        raise BadValueError(f"{path} cannot be read: {error}.", "Mend the file; it is TOML in UTF-8.") from None
    found = {}
    for section, values in document.items():
        if not isinstance(values, dict):
            raise BadValueError(
                f"{path}: {section!r} stands outside a section.", "Sections look like [shop] or [mail]."
            )
        for key, value in values.items():
            _known(f"{section}.{key}")
            found[f"{section}.{key}"] = value
    return found


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name in names():
        section, key = name.split(".")
        value = environ.get(f"{PREFIX}{section.upper()}__{key.upper()}")
        if value is not None:
            found[name] = value
    return found


def _same(name: str, chosen: object, wanted: str) -> None:
    """Check that the environment's value is the one `chosen` at ``init``: every amount is recorded in that currency."""
    section, key = name.split(".")
    kept, other = (getattr(getattr(_convert({section: {key: value}}), section), key) for value in (chosen, wanted))
    if str(kept).upper() != str(other).upper():
        variable = f"{PREFIX}{section.upper()}__{key.upper()}"
        raise BadValueError(
            f"The environment sets {name} to {safe(wanted, 60)}, but this shop was made with {safe(str(kept), 60)}.",
            f"It is chosen at `shopctl init` and stays: unset {variable}, or open the shop that it is meant for.",
        )


def _convert(values: Mapping[str, Mapping[str, Any]]) -> Settings:
    words = {"yes": "true", "on": "true", "no": "false", "off": "false"}
    defaults = _defaults()
    plain = {
        section: {
            key: words.get(value.lower(), value)
            if isinstance(value, str) and isinstance(defaults[section][key], bool)
            else value
            for key, value in entries.items()
        }
        for section, entries in values.items()
    }
    try:
        return msgspec.convert(plain, Settings, strict=False)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        if _DURATION in what:
            what = "write 30m, 12h, 3d, 2w, or off"
        raise BadValueError(
            f"The setting {where.rstrip('`')} does not fit: {what}.", "`shopctl config show` lists them."
        ) from None
