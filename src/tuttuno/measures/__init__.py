"""Numbers with a name, each with its definition, denominator and coverage."""
