"""Products that leave and come back: Shopify's files, and exports that import without a change."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shopctl.money import Money
from shopctl.services import products
from shopctl.services.products import ProductDraft

HEAD = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty\n"
counts = ("added", "changed", "unchanged", "skipped")


@pytest.fixture
def load(shopctl, tmp_path):
    """Import a file, or a table with this content; return how many products it added, changed, left and skipped."""

    def run(source, *options, home=tmp_path / "home"):
        if isinstance(source, str):
            path = tmp_path / "table.csv"
            path.write_text(source, "utf-8")
            source = path
        done = shopctl("product", "import", str(source), *options, "--json", home=home)
        assert done.status == 0, done.err
        return tuple(done.json[name] for name in counts)

    return run


@pytest.fixture
def catalogue(shopctl, home):
    """What is known of every product of a shop, by SKU, less when it was written."""

    def read(of=home):
        found = shopctl("product", "list", "--json", home=of).json
        found += shopctl("product", "list", "--status", "archived", "--json", home=of).json
        never = ("id", "created_at", "updated_at", "version")
        return {row["sku"]: {name: value for name, value in row.items() if name not in never} for row in found}

    return read


@pytest.fixture
def other(shopctl, tmp_path):
    """Another shop, empty."""
    assert shopctl("init", "--home", str(tmp_path / "other")).status == 0
    return tmp_path / "other"


@pytest.mark.parametrize(
    ("file", "heads", "variants", "units"),
    [("shopify-apparel.csv", 20, 3, 22), ("shopify-home-and-garden.csv", 20, 2, 65)],
)
def test_shopifys_files_come_in_whole_and_a_second_time_change_nothing(
    load, catalogue, shared, shopctl, tmp_path, file, heads, variants, units
):
    made = load(shared / file)
    before = catalogue()
    assert made == (len(before), 0, 0, 0)
    assert load(shared / file) == (0, 0, len(before), 0)
    out = tmp_path / "back.csv"
    assert shopctl("product", "export", "--for", "shopify", "--output", str(out)).status == 0
    assert load(out) == (0, 0, len(before), 0)
    assert catalogue() == before
    assert len([row for row in before.values() if not row["variant_of"]]) == heads
    assert len([row for row in before.values() if row["variant_of"]]) == variants
    assert sum(row["on_hand"] for row in before.values()) == units


def test_variants_stand_on_the_rows_that_follow_and_skus_are_made_from_their_options(load, catalogue, shared):
    load(shared / "shopify-apparel.csv")
    found = catalogue()
    top, small = found["classic-varsity-top"], found["classic-varsity-top-small"]
    assert (top["name"], top["price"], top["tags"]) == ("Classic Varsity Top", "60.00", ["women"])
    assert (small["variant_of"], small["options"], small["on_hand"]) == ("classic-varsity-top", {"Size": "Small"}, 1)
    assert {sku for sku, row in found.items() if row["variant_of"] == "classic-varsity-top"} == {
        f"classic-varsity-top-{size}" for size in ("small", "medium", "large")
    }
    assert (found["ocean-blue-shirt"]["variant_of"], found["ocean-blue-shirt"]["options"]) == (None, {})


def test_skus_that_the_file_gives_are_kept_and_those_it_makes_avoid_them(load, catalogue):
    table = HEAD + "mug,Mug,Size,S,MUG,1,1\nmug,,,L,,2,-3\nmug,,,L,,3,\ncap,Cap,Title,Default Title,C-1,4,2\n"
    assert load(table) == (5, 0, 0, 0)
    assert load(table) == (0, 0, 5, 0)
    assert {sku: (row["variant_of"], row["on_hand"]) for sku, row in catalogue().items()} == {
        "mug-2": (None, 0),
        "MUG": ("mug-2", 1),
        "mug-l": ("mug-2", 0),
        "mug-l-2": ("mug-2", 0),
        "C-1": (None, 2),
    }


def test_rejects_of_shopifys_file_keep_what_the_rows_above_said(load, catalogue, tmp_path):
    rejects = tmp_path / "rejects.csv"
    assert load(HEAD + "mug,Mug,Size,S,,1,\nmug,,,L,,2x,\n", "--skip-bad", str(rejects)) == (2, 0, 0, 1)
    assert load(rejects.read_text("utf-8").replace("2x", "2")) == (1, 0, 0, 0)
    assert catalogue()["mug-l"] == {**catalogue()["mug-s"], "sku": "mug-l", "name": "Mug – L", "price": "2.00"} | {
        "options": {"Size": "L"}
    }


def test_rejects_that_are_rejected_again_have_one_reason(load, tmp_path):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    assert load("sku,name,price\nA,a,x\n", "--skip-bad", str(first)) == (0, 0, 0, 1)
    assert load(first, "--skip-bad", str(second)) == (0, 0, 0, 1)
    assert second.read_text("utf-8") == first.read_text("utf-8")


text = st.text(st.sampled_from("ab é\"',;|=+-@\t\r\n[]{}/\\:0.<&\u0301🎁"), max_size=8).map(str.strip)
words = text.filter(bool)
amounts = st.integers(0, 10**7).map(lambda amount: Money(amount, "EUR"))
drafts = st.builds(
    ProductDraft,
    name=words,
    price=amounts,
    description=text,
    compare_at=st.none() | amounts,
    cost=st.none() | amounts,
    category=text,
    tags=st.lists(words, max_size=3).map(tuple),
    barcode=text,
    weight=st.none() | st.integers(0, 10**6),
    status=st.sampled_from(["draft", "active", "archived"]),
    options=st.dictionaries(words, words, max_size=3),
)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@settings(
    max_examples=6, phases=[Phase.generate], deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(found=st.lists(drafts, min_size=1, max_size=10))
def test_what_was_exported_imports_as_it_was(shop, shopctl, load, catalogue, other, tmp_path, kind, found):
    with shop.write() as conn:
        heads = [products.add(conn, draft).sku for draft in found[:6]]
        for draft, head in zip(found[6:], heads, strict=False):
            fields = {name: getattr(draft, name) for name in draft.__struct_fields__}
            products.add(conn, ProductDraft(**fields | {"variant_of": head}))
    out = tmp_path / f"out.{kind}"
    assert shopctl("product", "export", "--for", kind, "--output", str(out), "--force").status == 0
    before = catalogue()
    assert load(out) == (0, 0, len(before), 0)
    load(out, home=other)
    assert catalogue(other) == before
