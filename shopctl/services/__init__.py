"""The services of a shop. Each is plain functions that take a connection first and return frozen values."""
