"""The LeRobot v2.1 format, with JPEG in parquet, as OpenPI reads it: write, check, repair, convert, edit, look, upload."""
