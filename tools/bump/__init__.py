"""`just bump`: moves the lock to a newer upstream, once every patch is in order there and the tests pass."""
