"""Asks, before a script starts, for what it would stop on with a long traceback minutes later.

Each function looks at what is on this machine, changes nothing, and raises `NotReady` for the first thing that is
missing. What lies behind a URL is left to the script.
"""
