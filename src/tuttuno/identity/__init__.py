"""Which records are one person, why, and under which lasting number."""
