"""A person's rights: all that is known handed over, and the person forgotten while the books are kept."""

from shopctl.services.privacy.exporting import export
from shopctl.services.privacy.finishing import Finished, begin, finish, unfinished
from shopctl.services.privacy.forgetting import forget
from shopctl.services.privacy.traces import backups, mail
from shopctl.services.privacy.values import CustomerForgotten, Forgotten, KnownOrder, PersonalData

__all__ = [
    "CustomerForgotten",
    "Finished",
    "Forgotten",
    "KnownOrder",
    "PersonalData",
    "backups",
    "begin",
    "export",
    "finish",
    "forget",
    "mail",
    "unfinished",
]
