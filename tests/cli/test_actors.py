"""Who is said to have done something: a name on one line, which a log can show."""

import pytest

pytestmark = pytest.mark.usefixtures("living")


@pytest.mark.parametrize(
    "actor",
    ["a" * 101, "a" * 5_000, "ada\nbob", "ada\x1b[31m", "ada\x07", "ada\x9b", "ada\u2028bob", "  "],
    ids=lambda actor: ascii(actor)[:20],
)
def test_an_actor_that_is_no_name_on_one_line_does_nothing(actor, shopctl, content):
    before = content()
    result = shopctl("order", "cancel", "1002", "--actor", actor)
    assert (result.status, "actor" in result.err) == (2, True)
    assert content() == before


@pytest.mark.parametrize("actor", ["a" * 100, "Zoë O'Neil (till 2)", "小林"])
def test_an_actor_is_kept_as_it_is_written(actor, shopctl):
    assert shopctl("order", "cancel", "1002", "--actor", actor).status == 0
    timeline = shopctl("order", "show", "1002", "--json").json["timeline"]
    assert timeline[-1]["actor"] == actor
