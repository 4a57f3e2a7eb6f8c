"""A simulated department-store group whose true customers and true effects are known."""
