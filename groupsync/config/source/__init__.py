"""Bytes to values that know their places: files found, text decoded, YAML and JSON parsed."""
