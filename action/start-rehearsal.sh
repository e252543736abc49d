#!/usr/bin/env bash
# Start a made-up account with the groups of the seed; it ends with the job. Its port is always the same, because an
# approval covers the endpoint.
set -euo pipefail
# shellcheck source=action/functions.sh
. "$GITHUB_ACTION_PATH/action/functions.sh"

port=${REHEARSAL_PORT:-8765}
log=$RUNNER_TEMP/rehearsal.log
nohup "$GROUPSYNC" sandbox --seed "$SEED" --port "$port" --username rehearsal --password rehearsal \
  > "$log" 2>&1 < /dev/null &
echo "$!" > "$RUNNER_TEMP/rehearsal.pid"
for _ in $(seq 300); do
  if grep -q "^A Phonebook is at " "$log"; then
    echo "endpoint=http://127.0.0.1:$port/v1" >> "$GITHUB_OUTPUT"
    exit 0
  fi
  if ! kill -0 "$!" 2> /dev/null; then break; fi
  sleep 0.1
done
show_file "$log"
fail "the made-up account of the rehearsal has not started; the log says why"
