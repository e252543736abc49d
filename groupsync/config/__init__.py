"""Reads the configuration files into a Config, or lists everything that is wrong with them by file, line and column."""
