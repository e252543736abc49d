"""`python benchmarks/run.py [--quick | --full | --draw]`, in the environment of `script/setup dev`."""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    runpy.run_module("benchmarks.compare", run_name="__main__")
