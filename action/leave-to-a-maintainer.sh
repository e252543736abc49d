#!/usr/bin/env bash
# End a run that has no secrets: well if the configuration is that of the base, so that there is nothing to plan.
set -euo pipefail
# shellcheck source=action/functions.sh
. "$GITHUB_ACTION_PATH/action/functions.sh"

is_unchanged=true
paths=("${config_options[@]#--config=}")
if [ "${#paths[@]}" = 0 ]; then paths=("${GROUPSYNC_CONFIG:-groups.yaml}"); fi
for path in "${paths[@]}"; do
  if ! diff -rq -- "$path" ".groupsync-base/$path" > /dev/null 2>&1; then is_unchanged=false; fi
done
if [ "$is_unchanged" = true ]; then
  echo "This pull request does not change the configuration, so there is nothing to plan."
  exit 0
fi
case $WITHHELD in
  fork)
    fail "A fork is given no secrets, so there is no plan of this pull request. A maintainer must read" \
      "the changes, push the branch to this repository and open a pull request from there."
    ;;
  *)
    fail "A run of Dependabot is given no secrets, so there is no plan of this pull request. A maintainer must read" \
      "the changes, and push a commit of their own to its branch."
    ;;
esac
