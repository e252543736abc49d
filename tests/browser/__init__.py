"""The pages of `--html` in a real browser."""
