"""Intake: what other systems say, taken in without losing a record."""
