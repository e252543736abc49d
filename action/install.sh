#!/usr/bin/env bash
# Install the groupsync of this action, unless the PATH has the same version, with the extra that is needed.
set -euo pipefail
case $COMMAND in
  plan | pull-request | plan-to-apply | plan-and-apply | apply | drift | restore | pull | scopes | validate | install) ;;
  *)
    echo "::error::the input command of groupsync is one of those that action.yml lists"
    exit 64
    ;;
esac
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$GITHUB_ACTION_PATH/groupsync/version.py")
has_extra() { [ -z "$EXTRA" ] || groupsync sandbox -- true > /dev/null 2>&1; }
if [ "$(groupsync --version 2> /dev/null || true)" = "groupsync $version" ] && has_extra; then
  echo "program=$(command -v groupsync)" >> "$GITHUB_OUTPUT"
  exit 0
fi
venv=$RUNNER_TEMP/groupsync-$version
python -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check \
  --constraint "$GITHUB_ACTION_PATH/constraints.txt" "$GITHUB_ACTION_PATH$EXTRA"
echo "program=$venv/bin/groupsync" >> "$GITHUB_OUTPUT"
