"""The shop's terms: tax rates, discount codes, shipping methods."""

from shopctl.services.terms.discounts import add_code, codes, end_code, give_back, reaches, redeem
from shopctl.services.terms.shipping import charge, methods, remove_method, set_method
from shopctl.services.terms.taxes import rates, rates_for, remove_rate, set_rate
from shopctl.services.terms.values import Charged, DiscountCode, Redeemed, ShippingMethod, TaxRate

__all__ = [
    "Charged",
    "DiscountCode",
    "Redeemed",
    "ShippingMethod",
    "TaxRate",
    "add_code",
    "charge",
    "codes",
    "end_code",
    "give_back",
    "methods",
    "rates",
    "rates_for",
    "reaches",
    "redeem",
    "remove_method",
    "remove_rate",
    "set_method",
    "set_rate",
]
