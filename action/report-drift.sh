#!/usr/bin/env bash
# One issue for each account: opened, updated or closed. It is the open one that the author wrote and that begins with the
# marker.
set -euo pipefail
# shellcheck source=action/functions.sh
. "$GITHUB_ACTION_PATH/action/functions.sh"

if [ -z "$MARKDOWN" ]; then
  fail "No plan could be made, so it is not known whether there is drift; the log of the step Plan says why."
fi
marker="<!-- groupsync drift account=$ACCOUNT -->"
issues=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues?state=open&per_page=100")
number=$(jq -rs --arg author "$COMMENT_AUTHOR" --arg marker "$marker" '
  add | map(select(.user.login == $author and ((.body // "") | startswith($marker))))
  | first | .number // empty
' <<< "$issues")
body=$RUNNER_TEMP/issue.md
export GH_TOKEN=$COMMENT_TOKEN
case $EXIT_CODE in
  0)
    if [ -z "$number" ]; then exit 0; fi
    printf 'The Phonebook matches the main branch again ([run](%s)).\n' "$RUN_URL" > "$body"
    gh api --method POST "repos/$GITHUB_REPOSITORY/issues/$number/comments" -F "body=@$body" --jq .html_url
    gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/$number" -f state=closed --jq .html_url
    ;;
  2 | 3)
    {
      printf '%s\n' "$marker" "The Phonebook does not match the main branch ([run]($RUN_URL)). The plan:" ""
      cat "$MARKDOWN"
    } > "$body"
    if [ -n "$number" ]; then
      gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/$number" -F "body=@$body" --jq .html_url
    else
      gh api --method POST "repos/$GITHUB_REPOSITORY/issues" -f "title=Phonebook drift: $ACCOUNT" \
        -F "body=@$body" --jq .html_url
    fi
    ;;
  *)
    fail "groupsync plan ended with exit code $EXIT_CODE."
    ;;
esac
