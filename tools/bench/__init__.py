"""Benchmarks: each file here measures one thing and prints it beside its baseline and the machine's limit."""
