"""Values that people, files and attackers bring: refused with a clear line, or kept as data and never obeyed."""

import os
import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.usefixtures("living")

CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
ESCAPES = "Mug \033[31mred\033[0m \033]0;title\a \033]8;;https://evil.example\033\\ \x9b2J \u202eFDP.exe"
MARKUP = "[/] [bold]Mug[/bold] [@click=app.bell]x[/] [link=file:///etc]y[/link]"
HUGE = "9" * 30
LONG = "M" * 100_000

REFUSED = [
    (2, ("product", "add", "Pen", "--price", HUGE)),
    (2, ("product", "add", "Pen", "--price", "-1")),
    (2, ("product", "add", "Pen", "--price=-0.01")),
    (2, ("product", "add", "Pen", "--price", "NaN")),
    (2, ("product", "add", "Pen", "--price", "Infinity")),
    (2, ("product", "add", "Pen", "--price", "1e3")),
    (2, ("product", "add", "Pen", "--price", "1.999")),
    (2, ("product", "add", "Pen", "--price", "\u0661")),
    (2, ("product", "add", "Pen", "--price", "")),
    (2, ("product", "add", "Pen", "--price", "1", "--stock", "-1")),
    (2, ("product", "add", "Pen", "--price", "1", "--stock", HUGE)),
    (2, ("product", "add", "Pen", "--price", "1", "--stock", "1000001")),
    (2, ("product", "add", "Pen", "--price", "1", "--weight", HUGE)),
    (2, ("product", "add", "Pen", "--price", "1", "--weight", "-1")),
    (2, ("product", "add", "Pen", "--price", "1", "--reorder-point", HUGE)),
    (2, ("product", "add", "Pen", "--price", "1", "--cost=-1")),
    (2, ("product", "add", "", "--price", "1")),
    (2, ("product", "add", "  ", "--price", "1")),
    (2, ("product", "add", LONG, "--price", "1")),
    (2, ("product", "add", "a\0b", "--price", "1")),
    (2, ("product", "add", "a\udcffb", "--price", "1")),
    (2, ("product", "add", "Pen", "--price", "1", "--option", "=L")),
    (2, ("product", "add", "Pen", "--price", "1", "--option", "size")),
    (2, ("product", "add", "Pen", "--price", "1", "--option", f"size={LONG}")),
    (2, ("product", "add", "Pen", "--price", "1", "--tag", "a\udcff")),
    (2, ("product", "add", "Pen", "--price", "1", "--status", "gone")),
    *((2, ("product", "add", "Pen", "--price", "1", "--sku", sku)) for sku in ("", " ", "-", "A  B", "A\nB", "A;B")),
    *((2, ("product", "add", "Pen", "--price", "1", "--sku", sku)) for sku in (LONG, "A\0", "A\u202e", "\udcff", "💥")),
    (4, ("product", "add", "Pen", "--price", "1", "--sku", "\uff2d\uff35\uff27")),
    (3, ("product", "add", "Pen", "--price", "1", "--variant-of", "'; DROP TABLE product; --")),
    (2, ("product", "edit", "MUG", "--name", "")),
    (2, ("product", "edit", "MUG", "--name", LONG)),
    (2, ("product", "edit", "MUG", "--sku", "a b\033[0m")),
    (4, ("product", "edit", "MUG", "--sku", "cap")),
    (2, ("product", "edit", "MUG", "--name", "M", "--version", HUGE)),
    (2, ("product", "edit", "MUG", "--variant-of", "MUG")),
    (2, ("product", "edit", "MUG")),
    (3, ("product", "edit", "' OR 1=1 --", "--name", "x")),
    (2, ("product", "show", "\udcff")),
    (3, ("product", "archive", "MUG", "a\0b")),
    (2, ("product", "list", "--sort", "name; DROP TABLE product")),
    (2, ("product", "list", "--limit", HUGE)),
    (2, ("product", "list", "--limit", "0")),
    (2, ("product", "price", "MUG", "1", "--from", "tomorrow-ish")),
    (2, ("stock", "receive", "MUG", HUGE)),
    (2, ("stock", "receive", "MUG", "0")),
    (2, ("stock", "receive", "MUG", "--", "-1")),
    (2, ("stock", "receive", "MUG", "1.5")),
    (2, ("stock", "receive", "MUG", "NaN")),
    (2, ("stock", "receive", "MUG", "1", "--reference", "\udcff")),
    (2, ("stock", "receive", "MUG", "1", "--key", "")),
    (2, ("stock", "receive", "MUG", "1", "--key", "\udcff")),
    (2, ("stock", "receive", "MUG", "1", "--cost", HUGE)),
    (2, ("stock", "receive", "MUG", "1", "--location", "\udcff")),
    (2, ("stock", "adjust", "MUG", f"-{HUGE}", "--reason", "x")),
    (2, ("stock", "adjust", "MUG", "0", "--reason", "x")),
    (2, ("stock", "adjust", "MUG", "x", "--reason", "x")),
    (2, ("stock", "adjust", "MUG", "-1", "--reason", "")),
    (2, ("stock", "adjust", "MUG", "-1", "--reason", LONG)),
    (2, ("stock", "check", "MUG")),
    (2, ("stock", "check", f"MUG={HUGE}")),
    (2, ("stock", "moves", "--since", HUGE + "d")),
    (2, ("location", "add", "")),
    (2, ("location", "add", LONG)),
    (2, ("location", "add", "a\udcff")),
    (2, ("location", "add", "attic", "--priority", HUGE)),
    (2, ("order", "place", "MUG")),
    (2, ("order", "place", "MUG=0")),
    (2, ("order", "place", "MUG=-1")),
    (2, ("order", "place", f"MUG={HUGE}")),
    (2, ("order", "place", "MUG=1.5")),
    (2, ("order", "place", "MUG=1@NaN")),
    (2, ("order", "place", "MUG=1@-5")),
    (2, ("order", "place", f"MUG=1@{HUGE}")),
    (3, ("order", "place", '\'; DROP TABLE "order"; --=1')),
    (2, ("order", "place", "\udcff=1")),
    (2, ("order", "place", "MUG=1", "--customer", "a\nBcc: b@example.org")),
    (2, ("order", "place", "MUG=1", "--customer", "\udcff@example.org")),
    (2, ("order", "place", "MUG=1", "--name", "\udcff")),
    (2, ("order", "place", "MUG=1", "--name", LONG)),
    (2, ("order", "place", "MUG=1", "--note", "a\0b")),
    (2, ("order", "place", "MUG=1", "--key", LONG)),
    (2, ("order", "place", "MUG=1", "--key", "\udcff")),
    (2, ("order", "place", "MUG=1", "--paid", "")),
    (2, ("order", "place", "MUG=1", "--paid", LONG)),
    (2, ("order", "place", "MUG=1", "--discount", "101%")),
    (2, ("order", "place", "MUG=1", "--discount=-1")),
    (2, ("order", "place", "MUG=1", "--tax-rate", "NaN")),
    (2, ("order", "place", "MUG=1", "--shipping", HUGE)),
    (2, ("order", "place", "MUG=1", "--ship-to", "nowhere")),
    (2, ("order", "place", "MUG=1", "--ship-to", '{"planet": "Mars"}')),
    (2, ("order", "place", "MUG=1", "--ship-to", "Ada, 1 Road\0, 75005 Paris, France")),
    (2, ("order", "pay", "1002", "--amount", "0")),
    (2, ("order", "pay", "1002", "--amount", HUGE)),
    (2, ("order", "pay", "1002", "--amount", "NaN")),
    (2, ("order", "pay", "1002", "--reference", "\udcff")),
    (2, ("order", "pay", "1002", "--method", "\udcff")),
    (3, ("order", "pay", "1002' OR '1'='1")),
    (2, ("order", "place", "MUG=1", "--code", "\udcff")),
    (3, ("order", "place", "MUG=1", "--code", "' OR 1=1 --")),
    (2, ("order", "place", "MUG=1", "--external-number", "")),
    (2, ("order", "place", "MUG=1", "--external-number", LONG)),
    (2, ("order", "place", "MUG=1", "--channel", "")),
    (2, ("order", "place", "MUG=1", "--draft", "--paid", "card")),
    (2, ("order", "confirm", "1002", "--key", "")),
    (2, ("order", "edit", "1002")),
    (2, ("order", "edit", "1002", "MUG=-1")),
    (2, ("order", "edit", "1002", f"MUG={HUGE}")),
    (2, ("order", "edit", "1002", "MUG=1@-1")),
    (2, ("order", "edit", "1002", "--email", "a\nBcc: b@example.org")),
    (2, ("order", "edit", "1002", "--name", LONG)),
    (2, ("order", "edit", "1002", "--shipping=-1")),
    (2, ("order", "edit", "1002", "--discount", "101%")),
    (2, ("order", "edit", "1002", "--tax-rate", "101")),
    (2, ("order", "edit", "1002", "--version", HUGE)),
    (2, ("order", "edit", "1002", "MUG=2", "--ship-to", "nowhere")),
    (2, ("order", "hold", "1002")),
    (2, ("order", "hold", "1002", "--reason", "\udcff")),
    (2, ("order", "hold", "1002", "--reason", LONG)),
    (2, ("order", "note", "1002", "")),
    (2, ("order", "note", "1002", LONG)),
    (2, ("order", "authorize", "1002", "--amount", "0")),
    (2, ("order", "authorize", "1002", "--method", "")),
    (2, ("order", "capture", "1002", "--amount", HUGE)),
    (2, ("order", "void", "1002", "--amount=-1")),
    (2, ("order", "refund", "1001", "MUG=1", "--amount", "1")),
    (2, ("order", "refund", "1001", "MUG=0")),
    (3, ("order", "refund", "1001", "CAP=1")),
    (2, ("order", "pick", "1001", "--ready")),
    (3, ("order", "pick", "1001", "' OR 1=1 --")),
    (2, ("order", "pack", "1001", "MUG=x")),
    (3, ("order", "pack", "1001", "#2=1")),
    (2, ("order", "ship", "1001", "MUG=0")),
    (2, ("order", "ship", "1001", f"MUG={HUGE}")),
    (2, ("order", "ship", "1001", "--tracking", "\udcff")),
    (2, ("order", "ship", "1001", "--tracking", LONG)),
    (2, ("order", "ship", "1001", "--carrier", LONG)),
    (2, ("order", "ship", "1001", "--link", "javascript:alert(1)")),
    (2, ("order", "ship", "1001", "MUG=1", "--parcel", "1")),
    (2, ("order", "ship", "1001", "--parcel", "\udcff")),
    (2, ("order", "ship", "1001", "--key", LONG)),
    (2, ("order", "unship", "1001")),
    (2, ("order", "cancel", "1002", "MUG=-1")),
    (2, ("order", "cancel", "1002", "=1")),
    (2, ("order", "return", "1001", "MUG=1", "--restock", "--write-off")),
    (2, ("order", "return", "1001", "--request", "--withdraw")),
    (2, ("order", "inspect", "1001")),
    (2, ("order", "claim", "1001", "MUG=1", "--damaged", "--lost")),
    (2, ("order", "list", "--next", "' OR 1=1 --")),
    (2, ("order", "list", "--sort", "total; DROP TABLE orders")),
    (3, ("order", "list", "--after", "' OR 1=1 --")),
    (3, ("order", "list", "--customer", "' OR 1=1 --")),
    (3, ("order", "why", "' OR 1=1 --")),
    (2, ("tax", "set", "standard", "FR", HUGE)),
    (2, ("tax", "set", "a\0b", "FR", "20")),
    (2, ("tax", "set", "standard", LONG, "20")),
    (2, ("discount", "add", "TEN", "NaN")),
    (2, ("discount", "add", "TEN", "0%")),
    (2, ("discount", "add", LONG, "10%")),
    (2, ("discount", "add", "TEN", "10%", "--uses", HUGE)),
    (2, ("discount", "add", "TEN", "10%", "--until", "2020-01-01")),
    (2, ("shipping", "set", "post", HUGE)),
    (2, ("shipping", "set", "a\udcff", "1")),
    (2, ("shipping", "set", "post", "1", "--free-from", "NaN")),
    (2, ("customer", "add", "a\nb@example.org")),
    (2, ("customer", "edit", "ada@example.org", "--name", LONG)),
    (2, ("customer", "edit", "ada@example.org", "--ship-to", "nowhere")),
    (2, ("order", "show", "\udcff")),
    (2, ("order", "cancel", "1002", "--reason", "a\udcff")),
    (2, ("order", "list", "--since", "32.13.2026")),
    (2, ("order", "list", "--since", "99999-01-01")),
    (3, ("notify", "show", "9" * 18)),
    (2, ("notify", "show", HUGE)),
    (2, ("notify", "retry", "9" * 40)),
    (2, ("notify", "test", "ada@localhost\r\nBcc: b@example.org")),
    (2, ("customer", "show", "\udcff")),
    *((2, (noun, "list", query)) for noun in ("product", "order", "customer") for query in ("\udcff", LONG)),
    (2, ("config", "set", "shop.name", "a\nb")),
    (2, ("config", "set", "shop.timezone", "../../etc/passwd")),
]


@pytest.mark.parametrize(
    ("status", "command"), REFUSED, ids=lambda value: "" if isinstance(value, int) else ascii(" ".join(value))[:60]
)
def test_a_value_that_cannot_be_used_is_refused_in_one_line_and_changes_nothing(status, command, shopctl, content):
    before = content()
    result = shopctl(*command)
    assert (result.status, result.out) == (status, "")
    said = result.err.splitlines()
    assert len(said) == 2
    assert all(said)
    assert max(map(len, said)) < 600
    assert not CONTROLS.search("".join(said))
    assert content() == before
    assert shopctl("--json", *command).error["message"]


@pytest.mark.parametrize(
    "query", ['"', "*", "a AND (", "NEAR(", "sku:MUG", "-mug", "%", "_", "\\", "'; --", "^", "*" * 900]
)
def test_a_search_takes_any_text_as_words(query, shopctl):
    for command in (("product", "list"), ("order", "list"), ("customer", "list")):
        result = shopctl(*command, "--json", "--", query)
        assert (result.status, result.json) == (0, [])
    assert [row["sku"] for row in shopctl("product", "list", "mug", "--json").json] == ["MUG"]


@pytest.mark.parametrize(
    "name", [ESCAPES, MARKUP, "👩‍🔧 café 日本語", "a" + "\u0301" * 50, "'; DROP TABLE product; --"]
)
def test_any_name_is_kept_as_it_is_and_shown_without_being_obeyed(name, shopctl):
    words = ("--category", name, "--tag", name, "--barcode", name[:64], "--option", f"size={name}")
    made = shopctl("product", "add", name, *words, "--description", name, "--sku", "X", "--price", "1", "--stock", "3")
    assert made.status == 0
    kept = shopctl("product", "show", "X", "--json").json
    assert [kept[field] for field in ("name", "category", "description", "tags")] == [name, name, name, [name]]
    shopctl("order", "place", "X=1", "--customer", "x@example.org", "--name", name, "--note", name)
    assert shopctl("order", "show", "1003", "--json").json["customer"]["name"] == name
    assert shopctl("worker", "run", "--burst").status == 0
    for command in (
        ("product", "list"),
        ("product", "show", "X"),
        ("product", "list", "--format", "md"),
        ("stock", "show", "X"),
        ("order", "list"),
        ("order", "show", "1003"),
        ("customer", "list"),
        ("customer", "show", "x@example.org"),
        ("notify", "list"),
        ("notify", "show", "3"),
        ("doctor",),
    ):
        shown = shopctl(*command)
        assert shown.status == 0
        assert not CONTROLS.search(shown.out + shown.err), command
        assert "\u0301" * 4 not in shown.out


def test_a_name_in_an_error_is_shown_without_being_obeyed(shopctl):
    for command in (("product", "show", ESCAPES), ("order", "show", ESCAPES), (ESCAPES,), ("order", ESCAPES)):
        assert not CONTROLS.search(shopctl(*command).err), command


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1+cmd", "-2+3", "@SUM(A1)", "\uff1dHYPERLINK(1)"])
def test_a_cell_that_a_spreadsheet_would_run_is_quoted_in_csv_and_kept_in_json(cell, shopctl):
    shopctl("product", "add", "--price", "1", "--sku", "X", "--", cell)
    for command in (
        ("product", "list", "--format", "csv"),
        ("product", "export"),
        ("product", "export", "--for", "shopify"),
    ):
        out = shopctl(*command).out
        assert f"'{cell}" in out
        assert f",{cell}" not in out.replace('"', "")
    assert shopctl("product", "show", "X", "--json").json["name"] == cell


def test_numbers_stay_numbers_in_csv(shopctl):
    shopctl("stock", "adjust", "MUG", "-3", "--reason", "broken")
    assert ",-3," in shopctl("stock", "moves", "--format", "csv").out


@pytest.mark.parametrize("argument", [b"\xff\xfe", b"caf\xe9", b"\xed\xa0\x80"])
def test_arguments_that_are_no_utf_8_are_refused(argument, living, content):
    before = content()
    for command in ([b"product", b"add", argument, b"--price", b"1"], [b"product", b"show", argument]):
        done = subprocess.run(
            [os.fsencode(sys.executable), b"-m", b"shopctl", *command],
            env={**os.environ, "SHOPCTL_HOME": str(living)},
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode in (2, 3)
        assert done.stderr.decode().count("\n") == 2
    assert content() == before


def test_after_all_of_it_the_shop_is_sound(shopctl):
    for _, command in REFUSED:
        shopctl(*command)
    assert shopctl("doctor").status == 0
