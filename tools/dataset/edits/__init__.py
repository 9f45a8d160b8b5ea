"""What `just edit-dataset` can do: one verb a file, each a dataclass that is its command line."""
