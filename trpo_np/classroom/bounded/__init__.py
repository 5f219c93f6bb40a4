"""Notebook 16's first part: the Beta distribution for actions with bounds, and its checks."""
