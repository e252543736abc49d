#!/usr/bin/env bash
# Show suggested renames at their line, where one click commits them. A failure here is no failure of the plan.
set -euo pipefail
# shellcheck source=action/functions.sh
. "$GITHUB_ACTION_PATH/action/functions.sh"

diff=$RUNNER_TEMP/suggestions.diff
log=$RUNNER_TEMP/suggestions.log
: > "$diff"
if [ -n "$PLAN" ]; then
  "$GROUPSYNC" fix --diff ${config_options[@]+"${config_options[@]}"} > "$diff" 2> "$log" || true
fi
if ! call_program GH_TOKEN="$GH_TOKEN" python "$GITHUB_ACTION_PATH/action/suggest.py" "$diff" > "$log" 2>&1; then
  show_file "$log"
  echo "The suggestions could not be shown at their lines; the comment has them."
fi
