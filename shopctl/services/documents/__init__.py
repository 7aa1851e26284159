"""Packing slips, invoices and credit notes."""

from shopctl.services.documents.events import DocumentIssued
from shopctl.services.documents.issuing import issue
from shopctl.services.documents.packing import slip
from shopctl.services.documents.queries import get, issued
from shopctl.services.documents.rendering import render
from shopctl.services.documents.values import (
    CREDIT_NOTE,
    INVOICE,
    Document,
    DocumentLine,
    Kind,
    Slip,
    SlipLine,
    TaxShare,
)

__all__ = [
    "CREDIT_NOTE",
    "INVOICE",
    "Document",
    "DocumentIssued",
    "DocumentLine",
    "Kind",
    "Slip",
    "SlipLine",
    "TaxShare",
    "get",
    "issue",
    "issued",
    "render",
    "slip",
]
