"""Reading across services. Nothing here writes."""
