"""Runs on disk and on the screen: folders, tables, options, plots, sweeps and their statistics."""
