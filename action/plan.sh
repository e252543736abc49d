#!/usr/bin/env bash
# Plan: the files plan.json and plan.md in a new folder, the outputs of the action, and the summary.
set -euo pipefail
# shellcheck source=action/functions.sh
. "$GITHUB_ACTION_PATH/action/functions.sh"

folder=$(mktemp -d "$RUNNER_TEMP/groupsync-plan.XXXXXX")
arguments=(plan "--out=$folder/plan.json" "--markdown=$folder/plan.md" "--html=$folder/plan.html"
  --detailed-exitcode)
arguments+=(${config_options[@]+"${config_options[@]}"})
read -r -d '' -a guards <<< "${ALLOW//[,$'\r']/ }" || true # read fails at the end of the input, but has read all of it
for guard in ${guards[@]+"${guards[@]}"}; do arguments+=("--allow=$guard"); done
if [ -n "$BACKUP_DIR" ]; then arguments+=("--backup-dir=$BACKUP_DIR"); fi
if [ -n "$HEAD_COMMIT" ]; then export GROUPSYNC_COMMIT=$HEAD_COMMIT; fi # shown in the comment

call_groupsync "${arguments[@]}"

echo "exit-code=$code" >> "$GITHUB_OUTPUT"
if [ -s "$folder/plan.json" ] && [ -s "$folder/plan.md" ]; then
  {
    printf 'plan-path=%s\nmarkdown-path=%s\nhtml-path=%s\n' \
      "$folder/plan.json" "$folder/plan.md" "$folder/plan.html"
    jq -r '
      "account=\(.account)", "approval=\(.approval // "")", "digest=\(.digest)",
      "changes=\(.changes | length)",
      "creates=\(.summary.create)", "renames=\(.summary.rename)", "deletes=\(.summary.delete)",
      "memberships-lost=\(.summary.memberships_lost)"
    ' "$folder/plan.json"
  } >> "$GITHUB_OUTPUT"
  cat "$folder/plan.md" >> "$GITHUB_STEP_SUMMARY"
else
  # doctor tells the account, which depends only on the endpoint and the username. It sends nothing, because this
  # configuration is for an account that does not exist.
  printf '{"version": 1, "account": "acc-000000000000", "groups": []}\n' > "$folder/nobody.json"
  account=$("$GROUPSYNC" doctor "--config=$folder/nobody.json" --format json 2> /dev/null | jq -r '.account // empty' || true)
  if [ -n "$account" ]; then echo "account=$account" >> "$GITHUB_OUTPUT"; fi
  echo "No plan could be made (exit code $code); the log of the job says why." >> "$GITHUB_STEP_SUMMARY"
  # If the configuration is the reason, GitHub shows each problem at its line. This format prints `::error` lines only.
  "$GROUPSYNC" validate ${config_options[@]+"${config_options[@]}"} --format=github 2> /dev/null || true
fi
if [ "$FAIL" = true ] && [ "$code" != 0 ] && [ "$code" != 2 ]; then
  echo "::error::groupsync plan ended with exit code $code; see the summary and the log"
  exit "$code"
fi
