"""`just new-robot`: writes the files of a robot, which fit together and pass their tests at once."""
