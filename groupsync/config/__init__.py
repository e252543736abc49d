"""The configuration files and the environment, read into values; everything wrong in them is told by place."""
