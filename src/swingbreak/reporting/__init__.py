"""The day as tables, files and pictures."""
