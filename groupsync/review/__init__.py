"""A plan with its verdict (`make`), a saved plan held against here and now (`verify`), what must be so (`require`)."""
