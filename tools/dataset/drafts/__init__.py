"""A dataset that is being changed: what it will be, while nothing of what it is gets touched."""
