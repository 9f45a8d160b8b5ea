"""`just demo`: upstream's own scripts from dataset to actions, with stand-ins small enough for a CPU."""
