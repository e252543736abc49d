#!/usr/bin/env bash
# Add the groups of the dashboard to the files. It never prunes: a person decides what may go.
set -euo pipefail
# shellcheck source=action/functions.sh
. "$GITHUB_ACTION_PATH/action/functions.sh"

arguments=(pull --yes ${config_options[@]+"${config_options[@]}"})
if [ -n "$INTO" ]; then arguments+=("--into=$INTO"); fi
call_groupsync "${arguments[@]}" > "$RUNNER_TEMP/pull.txt"
cat "$RUNNER_TEMP/pull.txt"
exit "$code"
