"""A person's rights: all that is known handed over, and the person forgotten while the books are kept."""

from shopctl.services.privacy.exporting import export
from shopctl.services.privacy.forgetting import forget
from shopctl.services.privacy.traces import backups, remove_mail
from shopctl.services.privacy.values import CustomerForgotten, Forgotten, KnownOrder, PersonalData

__all__ = [
    "CustomerForgotten",
    "Forgotten",
    "KnownOrder",
    "PersonalData",
    "backups",
    "export",
    "forget",
    "remove_mail",
]
