"""What the tests share: a shop on a real database file, and its command line."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shopctl import shop as shops
from shopctl.cli import app
from shopctl.services import inventory, products
from shopctl.services.inventory import Item
from shopctl.services.products import Product, ProductDraft
from shopctl.shop import Shop

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_configure(config: pytest.Config) -> None:
    """Keep the developer's own shop and settings out of the tests; `SHOPCTL_CHAOS` is the tests' own (`make chaos`)."""
    for name in [name for name in os.environ if name.startswith(("SHOPCTL_", "NO_COLOR"))]:
        if not name.startswith("SHOPCTL_CHAOS"):
            del os.environ[name]


@dataclass
class Result:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.out)

    @property
    def error(self) -> Any:
        """The error that a command printed with --json."""
        line = next(line for line in self.err.splitlines() if line.startswith('{"error"'))
        return msgspec.json.decode(line)["error"]


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new shop's folder, made once and copied for each test."""
    home = tmp_path_factory.mktemp("template") / "home"
    values = {"shop.name": "Corner Books", "shop.currency": "EUR", "shop.timezone": "Europe/Paris"}
    shops.create(home, values, location="main", actor="founder").close()
    return home


@pytest.fixture
def home(empty_home: Path, tmp_path: Path) -> Path:
    """The folder of a shop of this test's own."""
    return Path(shutil.copytree(empty_home, tmp_path / "home"))


@pytest.fixture
def shop(home: Path) -> Iterator[Shop]:
    """A shop of this test's own, open: prices in EUR that include tax, one location called main."""
    with Shop(home, actor="tester") as opened:
        yield opened


@pytest.fixture
def add(shop: Shop) -> Callable[..., Product]:
    """Add a product with stock: ``add("MUG", price=990, stock=5)``."""

    def add_product(sku: str, *, price: int = 1000, stock: int = 0, **fields: Any) -> Product:
        from shopctl.money import Money

        with shop.write() as conn:
            made = products.add(
                conn, ProductDraft(name=fields.pop("name", sku), sku=sku, price=Money(price, "EUR"), **fields)
            )
            if stock:
                inventory.receive(conn, Item(made.id, made.sku), stock)
        return made

    return add_product


@pytest.fixture
def shopctl(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command in this process: ``shopctl("order", "show", "1001", stdin="")``."""

    def run(*arguments: str, stdin: str | bytes | None = None, home: Path = home) -> Result:
        if stdin is not None:
            import io

            data = stdin.encode() if isinstance(stdin, str) else stdin
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        monkeypatch.setenv("SHOPCTL_HOME", str(home))
        capsys.readouterr()
        status = app.run(arguments)
        printed = capsys.readouterr()
        return Result(status, printed.out, printed.err)

    return run


@pytest.fixture
def process(home: Path) -> Callable[..., Result]:
    """Run a command in a process of its own, as a user does: ``process("order", "list")``."""

    def run(*arguments: str, stdin: str | bytes | None = None, **environment: str) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "shopctl", *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin or b"",
            capture_output=True,
            env={**os.environ, "SHOPCTL_HOME": str(home), **environment},
            timeout=120,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture(scope="session")
def shared() -> Path:
    """The real data of the project, which is on the developers' machines and in CI only."""
    if not SHARED.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"{SHARED} is missing, and CI has it")
        pytest.skip(f"the shared data ({SHARED}) is not on this machine")
    return SHARED


@pytest.fixture
def post_office() -> Iterator[Callable[..., Any]]:
    """Open a mail server: ``post_office()``, ``post_office(password="s3cret", tls_context=context)``."""
    from contextlib import ExitStack

    from postoffice import PostOffice

    with ExitStack() as opened:
        yield lambda **options: opened.enter_context(PostOffice(**options))
