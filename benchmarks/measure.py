"""Alternating rounds, medians and the table: a ratio against a floor travels between machines, milliseconds do not."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

ROUNDS = 5


@dataclass(frozen=True)
class Result:
    """What was measured, in milliseconds, and the aim: a time of `at_most` so many floors, a rate of `at_least`."""

    what: str
    ours: float
    floor: float | None = None
    at_most: float | None = None
    at_least: float | None = None

    @property
    def ratio(self) -> float:
        """Our time by the floor's; for a promised rate, our rate by the floor's; without a floor, our time."""
        if self.floor is None:
            return self.ours
        return self.ours / self.floor if self.at_least is None else self.floor / self.ours

    @property
    def kept(self) -> bool:
        """Whether the aim was met."""
        return self.ratio <= self.at_most if self.at_most is not None else self.ratio >= (self.at_least or 0)

    def cells(self) -> list[str]:
        """The row of the table."""
        unit = " ms" if self.floor is None else ""
        aim = f"≤ {self.at_most:g}{unit}" if self.at_most is not None else f"≥ {self.at_least:g}{unit}"
        floor = "" if self.floor is None else _ms(self.floor)
        ratio = "" if self.floor is None else f"{self.ratio:.2f}"
        return [self.what, floor, _ms(self.ours), ratio, aim, "yes" if self.kept else "NO"]


def alternating(*timed: Callable[[], float], rounds: int = ROUNDS) -> list[float]:
    """Return the median of what each of `timed` answers in rounds that take turns, so that all see the same machine."""
    taken = [[measure() for measure in timed] for _ in range(rounds)]
    return [median(times) for times in zip(*taken, strict=True)]


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def print_table(title: str, results: Iterator[Result]) -> list[Result]:
    """Print the results as they come, and return them."""
    width = 52
    shown = []
    print(f"{title:<{width}}{'floor ms':>10}{'shopctl ms':>12}{'ratio':>8}  {'aim':<10}ok?")
    for result in results:
        what, floor, ours, ratio, aim, kept = result.cells()
        print(f"{what:<{width}}{floor:>10}{ours:>12}{ratio:>8}  {aim:<10}{kept}", flush=True)
        shown.append(result)
    print()
    return shown


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder on a disk: /tmp may be memory, where a durable write costs nothing."""
    with TemporaryDirectory(prefix="shopctl-bench-", dir="/var/tmp") as name:
        yield Path(name)


def _ms(value: float) -> str:
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"
