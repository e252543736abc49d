#!/usr/bin/env bash
# Fail without a plan that can be applied.
set -euo pipefail
case $EXIT_CODE in
  0 | 2)
    # In a merge queue, earlier entries are not applied yet, so nothing is compared with the base.
    if [ -n "$NUMBER" ] && [ "${DRIFTED:-unknown}" != 0 ]; then
      echo "::error::The plan has drifted: ${DRIFTED:-an unknown number} of its changes are not part of" \
        "this pull request. The comment says what to do."
      exit 4
    fi
    ;;
  3)
    where=comment
    if [ -z "$NUMBER" ]; then where=summary; fi
    echo "::error::The plan is refused; the $where says why and what to do."
    exit 3
    ;;
  *)
    echo "::error::No plan could be made; the log of the step Plan says why."
    exit 1
    ;;
esac
