"""What groupsync does on Windows, as far as Linux can show it."""
