"""Customers as a shop has them: a few names very often, many names once, every second address at one mail provider."""

import random
from typing import NamedTuple

from shopctl.services.customers import Address
from shopctl.text import fold

COMMON = "Maria"
"""The first name that every twentieth customer has."""
PROVIDER = "gmail.com"


def _words(text: str) -> list[str]:
    return text.split()


_FIRST = _words(
    "Anna Emma Sophie Marie Laura Julia Lena Sarah Lisa Claire Camille Chloé Inès Zoë Olivia Amelia Grace Freya Isla"
    " Giulia Chiara Francesca Lucía Carmen Elena Agnieszka Katarzyna Zofia Ingrid Astrid Björn Lars Sven Erik Jürgen"
    " Thomas Michael Stefan Andreas Lukas Jonas Paul Felix Maximilian Pierre Luc Antoine Hugo Jules Oliver Harry George"
    " Jack Noah Marco Luca Matteo Alessandro José Carlos Javier Piotr Jan Tomasz Ada Grace Katherine Edith"
)
_LAST = _words(
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Hoffmann Koch Richter Klein Wolf Schröder Neumann Braun"
    " Martin Bernard Dubois Durand Leroy Moreau Laurent Lefèvre Roux Fournier Girard Smith Jones Taylor Brown Williams"
    " Wilson Johnson Davies Robinson Wright Thompson Evans Walker Rossi Russo Ferrari Esposito Bianchi Romano García"
    " Fernández González Rodríguez López Martínez Kowalski Nowak Wiśniewski Hansen Johansson Andersson Nielsen"
)
_SYLLABLES = _words(
    "ba be bo da de do fa fi ga go ha he ja jo ka ke ko la le lo ma me mi na ne no pa ra re ri sa se ta va"
)
_DOMAINS = ("outlook.com", "yahoo.com", "hotmail.com", "icloud.com", "gmx.de", "web.de", "orange.fr", "free.fr")
_CITIES = (
    ("Berlin", "DE", "10{:03}"),
    ("Hamburg", "DE", "20{:03}"),
    ("München", "DE", "80{:03}"),
    ("Paris", "FR", "75{:03}"),
    ("Lyon", "FR", "69{:03}"),
    ("London", "GB", "SW{0} {1}AB"),
    ("Manchester", "GB", "M{0} {1}QX"),
    ("Milano", "IT", "20{:03}"),
    ("Madrid", "ES", "28{:03}"),
    ("Kraków", "PL", "30-{:03}"),
    ("Köln", "DE", "50{:03}"),
    ("Wien", "AT", "1{:03}"),
)


class Person(NamedTuple):
    """A customer, who has had one address all along."""

    name: str
    email: str
    phone: str
    address: Address


def made(i: int, chance: random.Random) -> Person:
    """Return the customer `i`; the e-mail address is nobody else's."""
    first = COMMON if chance.random() < 0.05 else chance.choice(_FIRST)
    last = chance.choice(_LAST) if chance.random() < 0.6 else _rare(chance)
    plain = f"{fold(first)}.{fold(last)}{i}".replace(" ", "")
    pick = chance.random()
    domain = PROVIDER if pick < 0.5 else chance.choice(_DOMAINS) if pick < 0.9 else f"{fold(_rare(chance))}.example"
    city, country, code = chance.choice(_CITIES)
    phone = f"+49 {chance.randrange(150, 180)} {chance.randrange(10**7, 10**8)}"
    address = Address(
        name=f"{first} {last}",
        company="",
        line1=f"{chance.randrange(1, 200)} {_rare(chance)} Street",
        line2="",
        postcode=code.format(chance.randrange(1, 1000), chance.randrange(1, 10)),
        city=city,
        region="",
        country=country,
        phone=phone,
    )
    return Person(f"{first} {last}", f"{plain}@{domain}", phone, address)


def _rare(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=chance.randrange(2, 5))).capitalize()
