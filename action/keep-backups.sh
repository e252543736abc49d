#!/usr/bin/env bash
# Give the backups, if there are any, to the program that keeps them; also after an apply that failed.
set -euo pipefail
# shellcheck source=action/functions.sh
. "$GITHUB_ACTION_PATH/action/functions.sh"

if [ ! -d "$BACKUPS" ] || [ -z "$(ls -A "$BACKUPS")" ]; then exit 0; fi
mkdir -p "$ENCRYPTED"
export GROUPSYNC_BACKUP_LABEL=$backup_label
call_program "$KEEP_BACKUPS" "$BACKUPS" "$ENCRYPTED"
