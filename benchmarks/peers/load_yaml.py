"""Load groups.yaml and count its groups: the least that a check of the file takes."""

import sys

import yaml

with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - as people write it
    config = yaml.safe_load(file)
print(f"{sys.argv[1]} has {len(config['groups'])} groups.")
