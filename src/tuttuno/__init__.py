"""tuttuno: the customer is always the same, in every channel of a retailer."""

from importlib.metadata import version

__version__ = version("tuttuno")
