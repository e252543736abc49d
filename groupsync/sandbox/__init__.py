"""The sandbox: a local Phonebook over real HTTP, for trying out, for pipelines and for tests.

It knows nothing of the rest of groupsync, and it can be told to be unlike itself, since the vendor promises little.
"""

from groupsync.sandbox.errors import PhonebookError, SandboxError, SeedError
from groupsync.sandbox.sandbox import Sandbox

__all__ = ["PhonebookError", "Sandbox", "SandboxError", "SeedError"]
