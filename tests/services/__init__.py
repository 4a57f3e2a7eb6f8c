"""Servers and programs that tests stand on, each started by the tests and stopped by them."""
