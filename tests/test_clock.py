"""Times as people write them, in the shop's time zone."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from shopctl.clock import moment, shown, zone
from shopctl.errors import BadValueError
from shopctl.services import terms

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


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01",
        "1899-12-31",
        "9001-01-01",
        "9999-12-31",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+10:00",
        "700000d",
    ],
)
def test_a_year_that_no_shop_lives_in_is_refused(text):
    for end in (False, True):
        with pytest.raises(BadValueError, match="is not a time that a shop keeps") as refused:
            moment(text, PARIS, now=NOW, end=end)
        assert "1900 to 9000" in refused.value.hint


def test_the_first_and_the_last_day_of_those_years_are_taken():
    assert moment("1900-01-01", PARIS) < moment("9000-12-31", PARIS, end=True)


@pytest.mark.parametrize("at", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)], ids=str)
@pytest.mark.parametrize("name", ["Asia/Tokyo", "America/New_York"])
def test_any_time_can_be_shown(at, name):
    assert re.fullmatch(r"(1|9999)-(01-01|12-31) \d\d:\d\d", shown(at, ZoneInfo(name)))


@pytest.mark.parametrize("name", ["Asia/Tokyo", "America/New_York"])
def test_a_list_with_such_a_time_is_still_shown(name, shop, shopctl):
    """Earlier versions stored any time."""
    with shop.write() as conn:
        terms.add_code(conn, "FAR", rate=5_000, ends_at=datetime.max.replace(tzinfo=UTC))
    shopctl("config", "set", "shop.timezone", name)
    assert "9999-12-31" in shopctl("discount", "list").out


def test_no_such_time_is_stored_or_searched_for(shopctl):
    assert shopctl("discount", "add", "FAR", "5", "--until", "9999-12-31T23:59:59Z").status == 2
    assert shopctl("order", "list", "--since", "0001-01-01").status == 2
    assert shopctl("order", "list", "--until", "9999-12-31").status == 2
    assert shopctl("discount", "list", "--json").json == []
