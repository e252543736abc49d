"""The order of each run, without click: the commands and the library call these functions."""
