"""Datasets of other versions, and with videos, as LeRobot v2.1 with JPEG in parquet."""
