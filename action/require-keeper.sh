#!/usr/bin/env bash
# Refuse to delete groups if no program keeps the backups.
set -euo pipefail
# shellcheck source=action/functions.sh
. "$GITHUB_ACTION_PATH/action/functions.sh"

deletes=$(jq .summary.delete "$PLAN")
if [ "$deletes" != 0 ] && ! command -v "$KEEP_BACKUPS" > /dev/null; then
  fail "This plan deletes groups, but $KEEP_BACKUPS, which keeps their backups, is not an executable program: write it as" \
    "docs/ci.md says, and run chmod +x on it."
fi
