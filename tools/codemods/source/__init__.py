"""What the codemods share: reading a file by Python's own parser, and changing a libcst tree."""
