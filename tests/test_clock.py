"""Times as people write them, in the shop's time zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from shopctl.clock import moment, shown, zone
from shopctl.errors import BadValueError

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # the 24th in Paris


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2026-11-23T23:30:00Z"),
        ("today", "2026-11-23T23:00:00Z"),
        ("yesterday", "2026-11-22T23:00:00Z"),
        ("2026-11-23", "2026-11-22T23:00:00Z"),
        (" 2026-07-01 ", "2026-06-30T22:00:00Z"),
        ("2026-11-23T14:30", "2026-11-23T13:30:00Z"),
        ("2026-11-23 14:30:15", "2026-11-23T13:30:15Z"),
        ("2026-11-23T14:30:00Z", "2026-11-23T14:30:00Z"),
        ("2026-11-23T14:30:00-05:00", "2026-11-23T19:30:00Z"),
        ("30m", "2026-11-23T23:00:00Z"),
        ("2h", "2026-11-23T21:30:00Z"),
        ("7d", "2026-11-16T23:30:00Z"),
        ("1w", "2026-11-16T23:30:00Z"),
    ],
)
def test_a_time_is_read_in_the_zone_of_the_shop(text, expected):
    assert moment(text, PARIS, now=NOW) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-11-23", 24), ("2026-03-29", 23), ("2026-10-25", 25), ("today", 24), ("yesterday", 24)]
)
def test_until_a_day_includes_all_of_it_also_when_the_clocks_change(day, hours):
    length = moment(day, PARIS, end=True, now=NOW) - moment(day, PARIS, now=NOW)
    assert length.total_seconds() == hours * 3600


def test_until_an_hour_ends_at_that_hour():
    assert moment("2026-11-23T14:30", PARIS, end=True) == moment("2026-11-23T14:30", PARIS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-02-30",
        "2026-13-01",
        "23.11.2026",
        "25:00",
        "7y",
        "-7d",
        "9999999d",
        "999999w",
        "0001-01-01",
        "9999-12-31T23:59:59-10:00",
    ]
    + ["２０２６-11-23", "2026-11-23T14:30 tomorrow"],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(BadValueError, match="is not a time"):
        moment(text, PARIS, now=NOW)


@pytest.mark.parametrize(
    "name", ["", "Mars/Base", "../../etc/passwd", "/etc/passwd", "Europe", "Europe/Paris\0", "x" * 5_000]
)
def test_what_is_no_time_zone_is_refused(name):
    with pytest.raises(BadValueError, match="time zone"):
        zone(name)


def test_a_person_sees_the_time_of_the_shop():
    assert shown(NOW, PARIS) == "2026-11-24 00:30"
