"""Customers: who ordered. They are recorded from their orders."""

from shopctl.services.customers.queries import get, page
from shopctl.services.customers.recording import email_address, record
from shopctl.services.customers.values import Customer, CustomerFilter

__all__ = ["Customer", "CustomerFilter", "email_address", "get", "page", "record"]
