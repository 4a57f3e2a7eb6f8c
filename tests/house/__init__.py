"""The rules of the house, each with the reason for it and the way out, run over the source."""
