"""Run all benchmarks, or those that are named: ``python -m benchmarks startup``."""

import sys

from benchmarks import lists, placing, startup
from benchmarks.measure import print_table

BENCHMARKS = {"startup": startup.results, "placing": placing.results, "lists": lists.results}


def main() -> None:
    names = sys.argv[1:] or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}.")
    missed = [result for name in names for result in print_table(name, BENCHMARKS[name]()) if not result.kept]
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
