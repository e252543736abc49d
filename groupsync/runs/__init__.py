"""The order of each run, without click."""
