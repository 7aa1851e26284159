"""Customers: who ordered, where they live, what they prefer. They are recorded from their orders, or by hand."""

from shopctl.services.customers.addresses import addresses, checked_address, remember_address
from shopctl.services.customers.editing import AddressChange, add, edit
from shopctl.services.customers.queries import get, page
from shopctl.services.customers.recording import email_address, record
from shopctl.services.customers.values import Address, Customer, CustomerFilter

__all__ = [
    "Address",
    "AddressChange",
    "Customer",
    "CustomerFilter",
    "add",
    "addresses",
    "checked_address",
    "edit",
    "email_address",
    "get",
    "page",
    "record",
    "remember_address",
]
