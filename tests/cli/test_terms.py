"""The shop's terms as a person or a script types them: tax rates, discount codes, shipping methods."""

import os
import subprocess
import sys

import pytest

CHANGES = [
    ("tax", "set", "reduced", "FR", "5.5"),
    ("tax", "remove", "standard", "FR"),
    ("discount", "add", "TEN", "10%"),
    ("discount", "end", "SUMMER"),
    ("shipping", "set", "courier", "9.90"),
    ("shipping", "remove", "post"),
]
LISTS = [("tax", "list"), ("discount", "list"), ("shipping", "list")]


@pytest.fixture
def agreed(shopctl):
    """A shop that has one of each."""
    for command in (
        ("tax", "set", "standard", "FR", "20"),
        ("discount", "add", "SUMMER", "5.00", "--until", "2099-08-31", "--min", "50", "--uses", "100"),
        ("shipping", "set", "post", "4.90", "--free-from", "50"),
    ):
        assert shopctl(*command).status == 0


def test_tax_rates_are_set_listed_and_removed(shopctl):
    assert shopctl("tax", "set", "Standard", "fr", "20%", "--json").json == {
        "tax_class": "standard",
        "country": "FR",
        "rate": "20",
    }
    shopctl("tax", "set", "standard", "*", "8.875")
    assert [(row["country"], row["rate"]) for row in shopctl("tax", "list", "--json").json] == [
        ("*", "8.875"),
        ("FR", "20"),
    ]
    assert "standard  FR          20%" in shopctl("tax", "list").out
    assert shopctl("tax", "remove", "standard", "FR", "--json").json["rate"] == "20"
    assert [row["country"] for row in shopctl("tax", "list", "--json").json] == ["*"]


def test_a_code_is_added_with_its_terms_listed_and_ended(shopctl):
    made = shopctl(
        "discount", "add", "Summer10", "10%",
        "--from", "2099-06-01", "--until", "2099-08-31", "--min", "50", "--uses", "100", "--json",
    ).json  # fmt: skip
    assert made | {"id": 0, "created_at": ""} == {
        "id": 0,
        "code": "Summer10",
        "rate": "10",
        "amount": None,
        "currency": "EUR",
        "minimum": "50.00",
        "starts_at": "2099-05-31T22:00:00Z",
        "ends_at": "2099-08-31T22:00:00Z",
        "use_limit": 100,
        "used": 0,
        "state": "upcoming",
        "created_at": "",
    }
    fixed = shopctl("discount", "add", "FIVE", "5.00", "--json").json
    assert (fixed["rate"], fixed["amount"], fixed["state"]) == (None, "5.00", "active")
    assert [row["code"] for row in shopctl("discount", "list", "--json").json] == ["FIVE", "Summer10"]
    ended = shopctl("discount", "end", "SUMMER10", "--json").json
    assert ended["state"] == "ended"
    assert shopctl("discount", "end", "summer10", "--json").json == ended


def test_a_person_sees_what_a_code_takes_off_and_how_long(shopctl, agreed):
    shopctl("discount", "add", "TEN", "10%")
    header, ten, summer = shopctl("discount", "list").out.splitlines()
    assert header.split() == ["Code", "Takes", "off", "From", "goods", "of", "From", "Until", "Used", "Of", "State"]
    assert ten.split() == ["TEN", "10%", "0", "active"]
    assert summer.split() == ["SUMMER", "5.00", "50.00", "2099-09-01", "00:00", "0", "100", "active"]


def test_shipping_methods_are_set_listed_and_removed(shopctl):
    made = shopctl("shipping", "set", "post", "4.90", "--free-from", "50", "--json").json
    assert made == {"name": "post", "price": "4.90", "free_from": "50.00", "currency": "EUR"}
    changed = shopctl("shipping", "set", "Post", "5.90", "--json").json
    assert (changed["price"], changed["free_from"]) == ("5.90", None)
    assert shopctl("shipping", "list", "--json").json == [changed]
    assert shopctl("shipping", "remove", "POST", "--json").json == changed
    assert shopctl("shipping", "list", "--json").json == []


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize("command", CHANGES, ids=" ".join)
def test_a_dry_run_shows_the_change_and_keeps_nothing(command, shopctl, content):
    before = content()
    dry = shopctl(*command, "--dry-run")
    assert (dry.status, content()) == (0, before)
    assert "Dry run: nothing was changed." in dry.err
    wet = shopctl(*command)
    assert wet.out == dry.out
    assert content() != before


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize("command", LISTS, ids=" ".join)
def test_every_list_comes_in_five_formats(command, shopctl):
    (row,) = shopctl(*command, "--json").json
    assert len(shopctl(*command, "--format", "jsonl").out.splitlines()) == 1
    assert shopctl(*command, "--format", "csv").out.splitlines()[0] == ",".join(row)
    assert len(shopctl(*command).out.splitlines()) == 2
    assert len(shopctl(*command, "--format", "md").out.splitlines()) == 3


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize(
    ("status", "command", "hint"),
    [
        (2, ("tax", "set", "standard", "FR", "101"), "0 to 100"),
        (2, ("tax", "set", "standard", "FR", "much"), "0 to 100"),
        (3, ("tax", "remove", "standard", "DE"), "Did you mean standard FR?"),
        (4, ("discount", "add", "summer", "10%"), "Choose another"),
        (2, ("discount", "add", "TEN", "ten"), "with a point"),
        (2, ("discount", "add", "TEN", "0%"), "up to 100%"),
        (2, ("discount", "add", "TEN", "101%"), "0 to 100"),
        (2, ("discount", "add", "TEN", "0"), "takes off"),
        (2, ("discount", "add", "TEN", "10%", "--until", "2020-01-01"), "--until"),
        (2, ("discount", "add", "TEN", "10%", "--uses", "0"), "Use 1 to"),
        (2, ("discount", "add", "TEN", "10%", "--from", "soon"), "2026-11-23"),
        (3, ("discount", "end", "SUMER"), "Did you mean SUMMER?"),
        (2, ("shipping", "set", "post", "free"), "with a point"),
        (3, ("shipping", "remove", "pots"), "Did you mean post?"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_to_do(status, command, hint, shopctl, content):
    before = content()
    result = shopctl(*command)
    assert (result.status, result.out, content()) == (status, "", before)
    assert hint in result.err.splitlines()[1]


def test_the_country_of_the_shop_is_a_setting(shopctl):
    assert shopctl("config", "set", "shop.country", "FR").status == 0
    assert shopctl("config", "get", "shop.country").out == "FR\n"


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("shopctl tax set st", ["standard"]),
        ("shopctl tax remove standard F", ["FR"]),
        ("shopctl discount end SU", ["SUMMER"]),
        ("shopctl shipping remove p", ["post"]),
    ],
)
def test_the_shell_is_offered_classes_countries_codes_and_methods(line, offered, home):
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv[0] = 'shopctl'; from shopctl.__main__ import main; main()"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={
            **os.environ,
            "SHOPCTL_HOME": str(home),
            "_SHOPCTL_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(line.split(" ")) - 1),
        },
    )
    assert (done.stdout.split(), done.stderr) == (offered, "")
