"""A local Phonebook over real HTTP: to try groupsync on, and to test pipelines and groupsync itself.

It imports nothing else of groupsync. It can be told to fail, to be slow or to limit requests, because the vendor does
not document what the real Phonebook does in such cases.
"""

from groupsync.sandbox.errors import PhonebookError, SandboxError, SeedError
from groupsync.sandbox.sandbox import Sandbox

__all__ = ["PhonebookError", "Sandbox", "SandboxError", "SeedError"]
