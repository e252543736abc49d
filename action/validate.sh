#!/usr/bin/env bash
# Validate the configuration, and show each problem at its line.
set -euo pipefail
# shellcheck source=action/functions.sh
. "$GITHUB_ACTION_PATH/action/functions.sh"

# The messages quote the files: the runner must not read any line of them as a command. Only what the format github prints
# is meant for it: `::error` lines, which GitHub shows at the line of the file.
problems=$(mktemp "$RUNNER_TEMP/groupsync-problems.XXXXXX")
token=$(python -c 'import secrets; print(secrets.token_hex(16))')
echo "::stop-commands::$token"
code=0
{ "$GROUPSYNC" validate ${config_options[@]+"${config_options[@]}"} --format=github > "$problems"; } 2>&1 || code=$?
printf '\n::%s::\n' "$token"
cat "$problems"
if [ "$code" = 0 ]; then
  echo "The configuration is valid."
elif [ ! -s "$problems" ]; then
  echo "::error::groupsync validate ended with exit code $code; the log says why"
fi
exit "$code"
