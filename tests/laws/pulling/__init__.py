"""Configuration files with live groups for the laws of `pull`."""
