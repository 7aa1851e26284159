"""Countries as people write them: by their code, or by their name in one of several languages (Unicode CLDR)."""

import functools

from shopctl.text import fold, identity

_CODE_LENGTH = 2
_LANGUAGES = ("fr", "de", "es", "it", "nl", "pt")
_NO_COUNTRIES = frozenset(("EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"))


def key(text: str) -> str:
    """Return under which name a country is compared: its ISO 3166 code (``FR``) if it is known, else its folded text.

    Two letters are taken for a code as they stand.
    """
    name = identity(text)
    if len(name) == _CODE_LENGTH and name.isascii() and name.isalpha():
        return "GB" if name == "uk" else name.upper()
    return _named(fold(text)) or name.upper()


def _named(name: str) -> str | None:
    """Return the code of the country called so; English is looked at first."""
    code = _names("en").get(name) or _aliases().get(name.upper())
    return code or next((found for language in _LANGUAGES if (found := _names(language).get(name))), None)


@functools.cache
def _names(language: str) -> dict[str, str]:
    from babel import Locale

    places = Locale(language).territories
    return {
        fold(name): code
        for code, name in places.items()
        if len(code) == _CODE_LENGTH and code.isalpha() and code not in _NO_COUNTRIES
    }


@functools.cache
def _aliases() -> dict[str, str]:
    """Return what else countries are called for short: UK, USA, DEU."""
    from babel.core import get_global

    return {short: codes[0] for short, codes in get_global("territory_aliases").items() if len(codes) == 1}
