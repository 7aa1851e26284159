"""The sample that ``shopctl demo`` sells: a small stationer's catalogue, made up for shopctl (MIT, like the rest)."""

from pathlib import Path

PRODUCTS = Path(__file__).parent / "products.csv"
"""The catalogue, in the columns of ``docs/files.md``."""
