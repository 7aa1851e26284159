"""Times: kept in UTC, understood and shown in the shop's time zone."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shopctl.errors import BadValueError

Clock = Callable[[], datetime]

_AGO = re.compile(r"(\d{1,6})\s*(m|h|d|w)")
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_FIRST_YEAR, _LAST_YEAR = 1900, 9000
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def now() -> datetime:
    """Return the current moment in UTC."""
    return datetime.now(UTC)


def zone(name: str) -> ZoneInfo:
    """Return the time zone called `name` in the IANA database.

    Raises:
        BadValueError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise BadValueError(
            f"There is no time zone {name!r}.", "Use a name of the IANA database, such as Europe/Paris or UTC."
        ) from None


def moment(text: str, tz: ZoneInfo, *, end: bool = False, now: datetime | None = None) -> datetime:
    """Return the moment in UTC that `text` names, read in `tz` unless it carries an offset.

    Args:
        text: ``2026-11-23``, ``2026-11-23T14:30``, RFC 3339, ``now``, ``today``, ``yesterday``, or how long ago:
            ``30m 2h 7d``. tz: the shop's time zone. end: a bare day means its end (the first moment of the next day),
            as ``--until`` needs it. now: what ``now`` and ``7d`` count from.

    Raises:
        BadValueError: it is none of these, or not of the years 1900 to 9000: a time near the ends of the calendar is
            out of bounds in another zone.
    """
    text = text.strip()
    current = now or datetime.now(UTC)
    try:
        found = _read(text, tz, current)
    except (ValueError, OverflowError):
        raise BadValueError(
            f"{text!r} is not a time.",
            "Write 2026-11-23, 2026-11-23T14:30 (with Z for UTC), today, tomorrow, or 7d ago as 7d.",
        ) from None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise BadValueError(
            f"{text!r} is not a time that a shop keeps.", f"Use a year from {_FIRST_YEAR} to {_LAST_YEAR}."
        )
    if not isinstance(found, datetime):
        found = datetime.combine(found + timedelta(days=1 if end else 0), time.min, tz)
    return found.astimezone(UTC)


def _read(text: str, tz: ZoneInfo, current: datetime) -> date | datetime:
    if text == "now":
        return current
    if match := _AGO.fullmatch(text):
        return current - timedelta(**{_UNITS[match[2]]: int(match[1])})
    if text in _DAYS:
        return current.astimezone(tz).date() + timedelta(days=_DAYS[text])
    if len(text) == 10:
        return date.fromisoformat(text)
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=tz)


def lasting(duration: str) -> timedelta | None:
    """Return how long ``30m``, ``12h``, ``3d`` or ``2w`` is; None for ``off``.

    Raises:
        BadValueError: it is none of these.
    """
    if duration == "off":
        return None
    match = _AGO.fullmatch(duration)
    if match is None:
        raise BadValueError(f"{duration!r} is no length of time.", "Write 30m, 12h, 3d, 2w, or off.")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def shown(at: datetime, tz: ZoneInfo) -> str:
    """Return `at` as a person in `tz` reads it, to the minute; in UTC where the calendar has no such day in `tz`."""
    try:
        at = at.astimezone(tz)
    except OverflowError:
        at = at.astimezone(UTC)
    return at.strftime("%Y-%m-%d %H:%M")
