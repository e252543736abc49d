"""The examples for CI are linted, and run against the sandbox."""
