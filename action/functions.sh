# shellcheck shell=bash
# What the steps of action.yml share. Sourced by the other scripts, which have `set -euo pipefail`.
# shellcheck disable=SC2034 # they read the variables

# The made-up account of a rehearsal, if there is one, instead of the secrets.
if [ -n "${REHEARSAL_ENDPOINT:-}" ]; then
  export GROUPSYNC_ENDPOINT=$REHEARSAL_ENDPOINT
  unset MESSENTE_API_USERNAME_FILE MESSENTE_API_PASSWORD_FILE MESSENTE_API_PASSWORD_COMMAND
  export MESSENTE_API_USERNAME=rehearsal MESSENTE_API_PASSWORD=rehearsal
fi

# The files or folders of the input `config`, as options.
config_options=()
while IFS= read -r path; do
  if [ -n "$path" ]; then config_options+=("--config=$path"); fi
done <<< "${CONFIG:-}"

# What reports call the folder of backups, which is gone after the job.
backup_label=${GITHUB_RUN_ID:-}-${GITHUB_RUN_ATTEMPT:-}${LABEL:+-$LABEL}

# Call groupsync with these arguments and set `code` to its exit code. Its output holds names of groups: the runner must
# not read any line of it as a command.
call_groupsync() {
  local token
  token=$(python -c 'import secrets; print(secrets.token_hex(16))')
  echo "::stop-commands::$token"
  code=0
  "$GROUPSYNC" "$@" 2>&1 || code=$?
  printf '\n::%s::\n' "$token"
}

# Show a file that holds names of groups.
show_file() {
  local token
  token=$(python -c 'import secrets; print(secrets.token_hex(16))')
  echo "::stop-commands::$token"
  cat "$1"
  printf '\n::%s::\n' "$token"
}

# Show an error in the run, and end with exit code 1.
fail() {
  echo "::error::$*"
  exit 1
}

# Call a program of the user, which needs no credentials of the account.
call_program() {
  env -u MESSENTE_API_USERNAME -u MESSENTE_API_USERNAME_FILE -u MESSENTE_API_PASSWORD -u MESSENTE_API_PASSWORD_FILE \
    -u MESSENTE_API_PASSWORD_COMMAND -u GH_TOKEN "$@"
}

# Set `comments` to the comments on the pull request $1, as pages of JSON.
list_comments() {
  comments=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$1/comments?per_page=100")
}
