"""Holds every engine to the same answers on the same rows."""
