"""Checks of exercises by what they are about, for the notebooks in which they stand."""
