"""Settings: environment before file before default, each with its origin; typing errors are answered."""

import pytest

from shopctl import settings
from shopctl.errors import BadValueError


def write(home, text):
    (home / settings.FILE).write_text(text, "utf-8")
    return home


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path):
    write(tmp_path, '[mail]\nhost = "smtp.example.org"\nport = 587\n')
    found, origins = settings.load(tmp_path, {"SHOPCTL_MAIL__PORT": "2525", "SHOPCTL_HOME": "/elsewhere"})
    assert (found.mail.host, found.mail.port, found.mail.security) == ("smtp.example.org", 2525, "auto")
    assert origins == {"mail.host": settings.FILE, "mail.port": "environment"}


def test_without_a_file_everything_is_a_default(tmp_path):
    assert settings.load(tmp_path, {}) == (settings.Settings(), {})


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("on", True), ("1", True), ("No", False), ("off", False)])
def test_yes_and_no_are_understood(tmp_path, text, value):
    assert settings.load(tmp_path, {"SHOPCTL_SHOP__PRICES_INCLUDE_TAX": text})[0].shop.prices_include_tax is value


@pytest.mark.parametrize(
    "text",
    [
        "[mail]\nhots = 'x'",
        "[mial]\nhost = 'x'",
        "host = 'x'",
        "[mail]\nhost =",
        "[mail]\nhost = 5",
        "[mail]\nport = 'x'",
    ]
    + [
        "[mail]\nport = 65536",
        "[mail]\nsecurity = 'ssl'",
        "[notifications]\ndelay = -1",
        "[notifications]\ndelay = nan",
    ]
    + ['[shop]\nname = "a\\u001bb"', '[shop]\nname = "' + "x" * 201 + '"'],
)
def test_a_file_that_makes_no_sense_is_refused_with_what_to_do(tmp_path, text):
    with pytest.raises(BadValueError) as refused:
        settings.load(write(tmp_path, text), {})
    assert refused.value.hint


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    (tmp_path / settings.FILE).write_bytes(b'[shop]\nname = "Caf\xe9"\n')
    with pytest.raises(BadValueError, match="cannot be read"):
        settings.load(tmp_path, {})


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(BadValueError) as refused:
        settings.check("mail.hots", "x")
    assert refused.value.hint.startswith("Did you mean mail.host")


def test_setting_one_thing_keeps_comments_and_the_rest(tmp_path):
    write(tmp_path, '# ours\n[mail] # how it leaves\nport = 25 # the provider says so\nhost = "a.example" # old\n')
    settings.save(tmp_path, {"mail.host": "b.example", "shop.name": 'Quote " and \\'})
    text = (tmp_path / settings.FILE).read_text("utf-8")
    assert all(comment in text for comment in ("# ours", "# how it leaves", "# the provider says so", "# old"))
    found, _ = settings.load(tmp_path, {})
    assert (found.mail.host, found.mail.port, found.shop.name) == ("b.example", 25, 'Quote " and \\')
    assert (tmp_path / settings.FILE).stat().st_mode & 0o077 == 0


def test_config_says_where_each_value_comes_from(shopctl, monkeypatch):
    monkeypatch.setenv("SHOPCTL_MAIL__PORT", "2525")
    rows = {row["name"]: row for row in shopctl("config", "show", "--json").json}
    assert rows["mail.port"] == {"name": "mail.port", "value": 2525, "from": "environment"}
    assert rows["shop.name"] == {"name": "shop.name", "value": "Corner Books", "from": "shopctl.toml"}
    assert rows["mail.host"]["from"] == "default"
    assert set(rows) == set(settings.names())


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("mail.host", "smtp.example.org", 0),
        ("mail.hots", "x", 2),
        ("mail.port", "high", 2),
        ("shop.timezone", "Mars/Base", 2),
        ("shop.currency", "USD", 1),
        ("mail.password", "secret", 1),
    ],
)
def test_config_set_takes_what_fits(shopctl, home, name, value, status):
    before = (home / settings.FILE).read_text("utf-8")
    assert shopctl("config", "set", name, value).status == status
    assert ((home / settings.FILE).read_text("utf-8") == before) == (status != 0)
    assert shopctl("product", "list").status == 0


JAPANESE = {"SHOPCTL_SHOP__CURRENCY": "JPY"}
NET = {"SHOPCTL_SHOP__PRICES_INCLUDE_TAX": "no"}


@pytest.mark.parametrize("environment", [JAPANESE, NET], ids=lambda environment: next(iter(environment)))
def test_the_environment_does_not_change_what_was_chosen_at_init(environment, tmp_path):
    write(tmp_path, '[shop]\ncurrency = "EUR"\nprices_include_tax = true\n')
    with pytest.raises(BadValueError, match="but this shop was made with") as refused:
        settings.load(tmp_path, environment)
    assert next(iter(environment)) in refused.value.hint


@pytest.mark.parametrize("same", ["EUR", "eur"])
def test_the_environment_may_repeat_what_was_chosen_at_init(same, tmp_path):
    write(tmp_path, '[shop]\ncurrency = "EUR"\nprices_include_tax = true\n')
    environment = {"SHOPCTL_SHOP__CURRENCY": same, "SHOPCTL_SHOP__PRICES_INCLUDE_TAX": "yes"}
    found, origins = settings.load(tmp_path, environment)
    assert (found.shop.currency, found.shop.prices_include_tax) == ("EUR", True)
    assert set(origins.values()) == {settings.FILE}


def test_no_amount_is_recorded_in_a_currency_that_the_shop_does_not_keep(shopctl, add, monkeypatch):
    add("MUG", price=990, stock=5)
    assert shopctl("order", "place", "MUG=1").status == 0
    monkeypatch.setenv("SHOPCTL_SHOP__CURRENCY", "JPY")
    assert shopctl("order", "pay", "1001", "--amount", "5").status == 2
    monkeypatch.delenv("SHOPCTL_SHOP__CURRENCY")
    assert shopctl("order", "pay", "1001", "--amount", "5").status == 0
    assert shopctl("order", "show", "1001", "--json").json["paid"] == "5.00"


def test_a_new_shop_takes_its_currency_from_the_environment_unless_it_is_told(shopctl, tmp_path, monkeypatch):
    monkeypatch.setenv("SHOPCTL_SHOP__CURRENCY", "JPY")
    assert shopctl("init", home=tmp_path / "tokyo").status == 0
    assert shopctl("config", "get", "shop.currency", home=tmp_path / "tokyo").out == "JPY\n"
    assert shopctl("init", "--currency", "EUR", home=tmp_path / "paris").status == 2
    assert not (tmp_path / "paris" / "shop.db").exists()
