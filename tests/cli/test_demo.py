"""The demo: the main job on the bundled sample, in one command."""

import shutil


def test_the_demo_leaves_a_living_sound_shop_with_mail_delivered(process, tmp_path):
    home = tmp_path / "demo"
    shown = process("demo", "--home", str(home))
    assert shown.status == 0, shown.err
    assert "Hello Ada Lovelace" in shown.out
    assert "Not enough stock. LAMP: 1 wanted, 0 available." in shown.err
    assert "Try next:" in shown.out
    assert len(list((home / "outbox").glob("*.eml"))) == 3
    orders = process("order", "list", "--json", SHOPCTL_HOME=str(home)).json
    assert [order["status"] for order in orders] == ["placed", "cancelled", "placed", "completed"]
    assert process("doctor", SHOPCTL_HOME=str(home)).status == 0


def test_the_demo_can_be_made_again_and_never_touches_a_shop_of_ones_own(process, home, tmp_path):
    again = tmp_path / "demo"
    assert [process("demo", "--home", str(again)).status for _ in range(2)] == [0, 0]
    kept = shutil.copytree(home, tmp_path / "kept")
    refused = process("demo", "--home", str(home))
    assert refused.status != 0
    assert (home / "shop.db").read_bytes() == (kept / "shop.db").read_bytes()
