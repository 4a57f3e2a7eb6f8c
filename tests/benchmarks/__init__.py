"""Tests of the benchmarks: they measure what they say, and refuse what means nothing."""
