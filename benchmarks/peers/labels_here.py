"""`labels` (https://github.com/hackebrot/labels), pointed at the server of the benchmark instead of GitHub."""

import os

from labels import cli, github

github.Client.__init__.__defaults__ = (f"http://127.0.0.1:{os.environ['BENCH_PORT']}",)  # its argument `base_url`
cli.labels()
