"""Tests, in the folders of the source; `house` holds the rules and `services` the servers."""
