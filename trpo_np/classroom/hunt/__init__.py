"""Notebook 16's second part: an update with three bugs, and the check of tests that find them."""
