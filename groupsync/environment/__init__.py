"""Reads the environment variables: the account to work on, the policy of a run, and where files are.

Every function takes the environment as a mapping. A variable that is set but empty is an error, not a default.
"""
