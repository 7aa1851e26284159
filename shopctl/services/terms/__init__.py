"""The shop's terms: tax rates, discount codes, shipping methods."""
