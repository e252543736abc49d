"""The examples for CI: linted, and run on the sandbox."""
