"""The commands: each reads its options, calls one function a step, prints once and returns an exit code."""
