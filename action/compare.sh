#!/usr/bin/env bash
# The comment on the pull request begins with the account and the approval: the digest of the changes, and the number of
# contacts of each group to delete. The comment of `groupsync summary` begins with one such line for each account; what
# follows the first other line is not read. This plan was reviewed if nobody else has edited that comment, the digest is the
# same, and no group has more contacts. Anything else must be approved now.
set -euo pipefail
# shellcheck source=action/functions.sh
. "$GITHUB_ACTION_PATH/action/functions.sh"

reviewed=false
approval=$NEW_APPROVAL # of the new plan, unless the reviewed one covers it
pulls=$(gh api --paginate "repos/$GITHUB_REPOSITORY/commits/$GITHUB_SHA/pulls?per_page=100")
number=$(jq -rs --arg sha "$GITHUB_SHA" --arg branch "$GITHUB_REF_NAME" '
  add | map(select(.merged_at != null and .merge_commit_sha == $sha and .base.ref == $branch))
  | if length == 1 then .[0].number else empty end
' <<< "$pulls")
if [ -n "$number" ]; then
  list_comments "$number"
  found=$(jq -rs --arg author "$COMMENT_AUTHOR" --arg prefix "<!-- groupsync plan account=$ACCOUNT" \
    --arg new "$NEW_APPROVAL" '
    def is_approval: test("^sha256:[0-9a-f]{64}(\\+(0|[1-9][0-9]{0,18})(,(0|[1-9][0-9]{0,18}))*)?$");
    def digest: split("+")[0];
    def counts: (split("+")[1] // "") | split(",") | map(tonumber);
    def is_within($reviewed): digest == ($reviewed | digest)
      and (counts | length) == ($reviewed | counts | length)
      and ([counts, ($reviewed | counts)] | transpose | all(.[0] <= .[1]));
    def is_marker: startswith("<!-- groupsync plan account=") and endswith(" -->");
    def markers: split("\n") | map(rtrimstr("\r")) | .[:map(is_marker) | index(false)];
    add | map(select(.user.login == $author) | .node_id as $node_id
      | .body | markers[] | select(startswith($prefix)) | {node_id: $node_id, marker: .})
    | if length == 1 then .[0] else empty end
    | (.marker | ltrimstr("\($prefix) approval=") | rtrimstr(" -->")) as $reviewed
    | select(($reviewed | is_approval) and ($new | is_approval) and ($new | is_within($reviewed)))
    | "\(.node_id) \($reviewed)"
  ' <<< "$comments")
  read -r node given <<< "$found"
  if [ -n "$node" ]; then
    query="query(\$id: ID!) { node(id: \$id) {
      ... on IssueComment { author { login } lastEditedAt editor { login } } } }"
    state=$(gh api graphql -f "query=$query" -f "id=$node" | jq -r --arg author "${COMMENT_AUTHOR%"[bot]"}" '
      .data.node | if .author.login == $author and (.lastEditedAt == null or .editor.login == $author)
      then "untouched" else "edited" end')
    if [ "$state" = untouched ]; then
      reviewed=true
      approval=$given
    fi
  fi
fi
printf 'reviewed=%s\napproval=%s\n' "$reviewed" "$approval" >> "$GITHUB_OUTPUT"
if [ "$reviewed" = true ]; then
  printf '\nThese are the changes of pull request #%s. They will be applied.\n' "$number" >> "$GITHUB_STEP_SUMMARY"
  exit 0
fi
printf '\n**This plan is not approved yet:** it differs from the comment of %s on the pull request of %s. %s\n' \
  "$COMMENT_AUTHOR" "$GITHUB_SHA" "It waits for approval." >> "$GITHUB_STEP_SUMMARY"
if [ -n "${REHEARSAL_ENDPOINT:-}" ]; then exit 0; fi # nobody needs to be asked about a made-up account
# If the environment does not exist, GitHub creates it, without any protection.
reviewers=$(gh api "repos/$GITHUB_REPOSITORY/environments/phonebook-approval" \
  --jq '[.protection_rules[] | select(.type == "required_reviewers")] | length')
if [ "$reviewers" = 0 ]; then
  fail "The environment phonebook-approval has no required reviewers, so nobody would be asked: see docs/ci.md."
fi
