"""One file for each system whose records we can read."""
