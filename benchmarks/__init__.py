"""How fast and how big groupsync is: ratios within one run, printed, never a test."""
