"""Text from data: shown safely, found without accents, the same under every spelling."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopctl.errors import BadValueError
from shopctl.text import checked, fold, identity, nearest, safe

any_text = st.text(st.characters(exclude_categories=()), max_size=80)
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Mug, blue", "Mug, blue"),
        ("Tasse « Été » 日本 🎁", "Tasse « Été » 日本 🎁"),
        ("\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"),
        ("\x1b]0;title\x07", "\ufffd]0;title\ufffd"),
        ("a\x9b31mb\x9d", "a\ufffd31mb\ufffd"),
        ("a\0b\x7fc\x08", "a\ufffdb\ufffdc\ufffd"),
        ("one\r\ntwo\tthree\u2028four", "one  two three four"),
        ("gpj.\u202egnp", "gpj.\ufffdgnp"),
        ("a\udcffb", "a\ufffdb"),
        ("zero\u200bwidth\ufeff\u00ad", "zerowidth"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("e" + "\u0301" * 50 + "!", "e\u0301\u0301\u0301!"),
    ],
)
def test_no_terminal_obeys_text_from_data(text, shown):
    assert safe(text) == shown


@given(any_text, st.integers(1, 60))
def test_safe_text_is_one_line_of_bounded_length_without_control_characters(text, limit):
    shown = safe(text, limit)
    assert len(shown) <= limit
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs") or c in BIDI or c in "\u2028\u2029"]
    assert safe(shown, limit) == shown


@pytest.mark.parametrize("text", ["x" * 1_000, "é" * 1_000, "e" + "\u0301" * 1_000 + "x"])
def test_text_that_was_cut_says_so(text):
    assert safe(text, 20).endswith("…")
    assert safe(text[:20], 20)[-1] != "…"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("cafe", "Café"),
        ("CAFÉ", "cafe\u0301"),
        ("strasse", "Straße"),
        ("istanbul", "İstanbul"),
        ("mug", "ＭＵＧ"),
        ("tel", "℡"),
    ],
)
def test_a_search_knows_no_accents_and_no_case(query, text):
    assert fold(query) == fold(text)


@given(any_text)
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)
    assert "  " not in fold(text)


@pytest.mark.parametrize("spelling", ["mug", "Mug", "ＭＵＧ", " MUG ", "ᴹUG"])
def test_spellings_of_one_name_are_the_same(spelling):
    assert identity(spelling) == identity("MUG")


def test_accents_tell_names_apart():
    assert identity("café") == identity("CAFE\u0301") != identity("cafe")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [(" \t ", "empty"), ("x" * 31, "31 characters"), ("a\0b", "not valid"), ("a\ud800", "not valid")],
)
def test_text_that_cannot_be_kept_is_refused(text, complaint):
    with pytest.raises(BadValueError, match=complaint):
        checked(text, "name", limit=30, required=True)


def test_kept_text_loses_only_the_blanks_around_it():
    assert checked("  Tasse\x1b « Été »\n", "name", limit=30) == "Tasse\x1b « Été »"
    assert checked(" ", "name", limit=30) == ""


def test_a_mistyped_name_is_answered_with_the_nearest():
    assert nearest("mgu", ["MUG", "CAP", "SHIRT"]) == "Did you mean MUG?"
    assert nearest("XYZ", ["MUG"]) == ""
    assert "\x1b" not in nearest("mug1", ["mug\x1b1"])
