#!/usr/bin/env bash
# One comment for each account: created once, then updated. It is the one that the author wrote and that begins with the
# marker. If no plan can be made, the comment says so, because the earlier plan is not that of this commit.
set -euo pipefail
# shellcheck source=action/functions.sh
. "$GITHUB_ACTION_PATH/action/functions.sh"

head=$(gh api "repos/$GITHUB_REPOSITORY/pulls/$NUMBER" --jq .head.sha)
if [ "$head" != "$HEAD_COMMIT" ]; then # somebody started an old run again
  fail "The pull request is at $head now; the run of that commit writes the comment."
fi
list_comments "$NUMBER"
found=$(jq -rs --arg author "$COMMENT_AUTHOR" --arg prefix "<!-- groupsync plan account=$ACCOUNT" '
  add | .[] | select(.user.login == $author and (.body | startswith($prefix)))
  | "\(.id) \(.body | split("account=")[1][0:16])"
' <<< "$comments")

body=$RUNNER_TEMP/comment.md
write_body() { # for the account $1
  if [ -n "$MARKDOWN" ]; then
    cp "$MARKDOWN" "$body"
    if [ "${DRIFTED:-0}" -gt 0 ]; then
      printf '%s\n' "" "> [!WARNING]" "> **Drift: $DRIFTED of these changes are not part of this pull request.**" \
        "> The base alone would make them: wait until it is applied, or change the files to what is live now." >> "$body"
    fi
  else
    printf '%s\n' "<!-- groupsync plan account=$1 -->" "### No plan could be made" "" \
      "There is no plan of the commit \`$HEAD_COMMIT\`; [the log]($RUN_URL) says why." > "$body"
  fi
}
export GH_TOKEN=$COMMENT_TOKEN
if [ -n "$found" ]; then
  while read -r id account; do
    write_body "$account"
    gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F "body=@$body" --jq .html_url
  done <<< "$found"
elif [ -n "$ACCOUNT" ]; then
  write_body "$ACCOUNT"
  gh api --method POST "repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments" -F "body=@$body" --jq .html_url
fi
