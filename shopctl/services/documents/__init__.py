"""Packing slips, invoices and credit notes."""
