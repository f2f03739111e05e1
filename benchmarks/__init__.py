"""Measures the real processes against a local site; see ``./run bench --help``."""
