"""Programs that replace those of a runner; each runs as its own process."""
