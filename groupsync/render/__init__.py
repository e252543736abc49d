"""From values to text: a format is a function that returns what is to be printed."""
