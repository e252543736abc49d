#!/usr/bin/env bash
# Restore a group from a backup that `keep-backups` has kept; or only show what would be done.
set -euo pipefail
# shellcheck source=action/functions.sh
. "$GITHUB_ACTION_PATH/action/functions.sh"

if ! [[ $BACKUP =~ ^[0-9]+-[0-9]+(-[A-Za-z0-9._-]+)?/[A-Za-z0-9.-]+\.json$ ]]; then
  fail "the backup must be named as the report of the apply names it, such as 123456-1/Sale.5792a02a-....json"
fi
if ! command -v "$GET_BACKUPS" > /dev/null; then
  fail "$GET_BACKUPS, which gets backups, is not an executable program: write it as docs/ci.md says, and run chmod +x on it."
fi
folder=$(mktemp -d "$RUNNER_TEMP/groupsync-restore.XXXXXX")
trap 'rm -rf "$folder"' EXIT
call_program GH_TOKEN="$GH_TOKEN" "$GET_BACKUPS" "${BACKUP%%/*}" "$folder"
if [ ! -f "$folder/${BACKUP##*/}" ]; then fail "$GET_BACKUPS has not put ${BACKUP##*/} into the folder"; fi

arguments=(restore "$folder/${BACKUP##*/}" ${config_options[@]+"${config_options[@]}"})
if [ -n "$INTO" ]; then arguments+=("--into=$INTO"); fi
if [ "$CONFIRM" = true ]; then arguments+=(--auto-approve); fi
log=$RUNNER_TEMP/groupsync-restore.log
code=0
"$GROUPSYNC" "${arguments[@]}" > "$log" 2>&1 || code=$?
show_file "$log"
{ printf '%s\n' "~~~~~~~~~~text" && cat "$log" && printf '%s\n' "~~~~~~~~~~"; } >> "$GITHUB_STEP_SUMMARY"
if [ "$CONFIRM" != true ] && grep -q "^Error: there is no terminal to ask for approval" "$log"; then
  echo "Nothing was restored: this is what it would do. To restore, start this workflow again and turn on \"confirm\"." |
    tee -a "$GITHUB_STEP_SUMMARY"
  exit 0
fi
exit "$code"
