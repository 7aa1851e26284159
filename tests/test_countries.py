"""A country is the same however people write it."""

import pytest

from shopctl import countries


@pytest.mark.parametrize(
    ("written", "key"),
    [
        *((text, "FR") for text in ("FR", "fr", " France ", "FRANCE", "Frankreich", "Francia", "FRA")),
        *((text, "GB") for text in ("GB", "UK", "United Kingdom", "Royaume-Uni", "Vereinigtes Königreich")),
        *((text, "US") for text in ("US", "USA", "United States", "Estados Unidos")),
        *((text, "AT") for text in ("Österreich", "Osterreich", "Austria")),
        ("Atlantis", "ATLANTIS"),
        ("*", "*"),
    ],
)
def test_a_country_is_known_by_its_code_and_by_its_name_in_several_languages(written, key):
    assert countries.key(written) == key
