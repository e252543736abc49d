"""Questions about what a plan suggests or refuses; each answer is an edit of the configuration.

To add a family of questions: a function that takes the FixContext and yields Questions, a Kind, and a line in `find`.
"""
