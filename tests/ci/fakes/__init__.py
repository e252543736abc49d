"""Programs that stand in for those of a runner; each runs as a process of its own."""
