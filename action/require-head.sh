#!/usr/bin/env bash
# Refuse a commit that is no longer the head of its branch: one that waited, or a run that somebody starts again.
set -euo pipefail
# shellcheck source=action/functions.sh
. "$GITHUB_ACTION_PATH/action/functions.sh"

head=$(gh api "repos/$GITHUB_REPOSITORY/git/ref/heads/$GITHUB_REF_NAME" --jq .object.sha)
if [ "$head" != "$GITHUB_SHA" ]; then
  if [ "$GITHUB_EVENT_NAME" = push ]; then fail "$GITHUB_REF_NAME is at $head now; the run of that commit applies it."; fi
  fail "$GITHUB_REF_NAME is at $head now; start a new run of this workflow."
fi
