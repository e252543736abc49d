"""From values to text: a format is a function that returns the whole output."""
