"""Where expressions run: one port, one adapter for each engine, one meaning on all of them."""
