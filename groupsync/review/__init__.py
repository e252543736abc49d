"""A plan with its verdict (`make`), a saved plan today (`compare`, `verify`), what must be true first (`require`)."""
