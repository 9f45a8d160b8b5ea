"""One HTML page on which to look at a dataset."""
