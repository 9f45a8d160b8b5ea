"""Frames on their way into a dataset, of which a killed process loses the last 100 ms at most."""
