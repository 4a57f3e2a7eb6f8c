"""Seconds, memory and sizes of the product, measured as it is used; results as JSON."""
