#!/usr/bin/env bash
# Count the changes of the plan that the base alone would make: they are not part of this pull request. Somebody has
# changed the Phonebook, or an earlier merge is not applied yet.
set -euo pipefail
# shellcheck source=action/functions.sh
. "$GITHUB_ACTION_PATH/action/functions.sh"

base=$RUNNER_TEMP/base.json
(cd .groupsync-base && "$GROUPSYNC" plan "--out=$base" ${config_options[@]+"${config_options[@]}"}) \
  > "$RUNNER_TEMP/base.log" 2>&1 || true
if [ -s "$base" ]; then
  drifted=$(jq -s '
    def changes: .changes[] | [.kind, .group_id, .before, .after] | tojson;
    (reduce (.[1] | changes) as $change ({}; .[$change] = true)) as $base
    | [.[0] | changes | select($base[.])] | length
  ' "$PLAN" "$base")
else
  echo "There is no plan of the base, so there is no drift to compare with."
  drifted=0
fi
echo "drifted=$drifted" >> "$GITHUB_OUTPUT"
