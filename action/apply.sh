#!/usr/bin/env bash
# Apply the plan of this run, if it is still the approved one.
set -euo pipefail
# shellcheck source=action/functions.sh
. "$GITHUB_ACTION_PATH/action/functions.sh"

export GROUPSYNC_BACKUP_LABEL=$backup_label
arguments=(apply "$PLAN" "--expect-digest=$APPROVAL" "--backup-dir=$BACKUPS" "--markdown=$RUNNER_TEMP/report.md"
  "--html=$RUNNER_TEMP/report.html")
arguments+=(${config_options[@]+"${config_options[@]}"})
call_groupsync "${arguments[@]}"
if [ -s "$RUNNER_TEMP/report.md" ]; then cat "$RUNNER_TEMP/report.md" >> "$GITHUB_STEP_SUMMARY"; fi
exit "$code"
