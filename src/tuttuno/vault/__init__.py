"""The vault: the one database that knows who people are."""
