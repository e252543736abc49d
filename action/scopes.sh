#!/usr/bin/env bash
# Check that no two configurations can touch the same group. A line of `config` may be a pattern of the shell, `teams/*`.
set -euo pipefail
# shellcheck source=action/functions.sh
. "$GITHUB_ACTION_PATH/action/functions.sh"

arguments=(scopes)
while IFS= read -r pattern; do
  if [ -z "$pattern" ]; then continue; fi
  paths=$(compgen -G "$pattern") || fail "No file or folder matches $pattern."
  while IFS= read -r path; do arguments+=("$path"); done <<< "$paths"
done <<< "$CONFIG"
if [ "$LIVE" = true ]; then arguments+=(--live); fi
call_groupsync "${arguments[@]}"
exit "$code"
