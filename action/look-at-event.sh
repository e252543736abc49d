#!/usr/bin/env bash
# Find out what a run of `command: pull-request` is about: `number` is the pull request, empty in a merge queue; `withheld`
# says why GitHub gives the run no secrets, empty if it does.
set -euo pipefail
case $GITHUB_EVENT_NAME in
  pull_request)
    withheld=
    if [ "$HEAD_REPOSITORY" != "$GITHUB_REPOSITORY" ]; then
      withheld=fork
    elif [ "$GITHUB_ACTOR" = "dependabot[bot]" ]; then
      withheld=dependabot
    fi
    printf 'number=%s\nwithheld=%s\n' "$NUMBER" "$withheld" >> "$GITHUB_OUTPUT"
    ;;
  merge_group)
    printf 'number=\nwithheld=\n' >> "$GITHUB_OUTPUT"
    ;;
  *)
    echo "::error::the command pull-request is for the events pull_request and merge_group, not $GITHUB_EVENT_NAME"
    exit 1
    ;;
esac
