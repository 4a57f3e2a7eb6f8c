"""A simulated department-store group whose true customers and true effects are known."""

from tuttuno.demo.simulate import simulate
from tuttuno.demo.truth import Truth

__all__ = ["Truth", "simulate"]
