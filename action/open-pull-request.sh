#!/usr/bin/env bash
# Open a pull request with the files that `groupsync pull` has changed. One at a time: as long as that of an earlier run is
# open, no other is opened.
set -euo pipefail

git diff --name-only -z > "$RUNNER_TEMP/files"
if [ ! -s "$RUNNER_TEMP/files" ]; then exit 0; fi
pulls=$(gh api --paginate "repos/$GITHUB_REPOSITORY/pulls?state=open&per_page=100")
open=$(jq -rs --arg here "$GITHUB_REPOSITORY" --arg author "$COMMENT_AUTHOR" '
  add | map(select(.user.login == $author and .head.repo.full_name == $here
    and (.head.ref | startswith("groupsync-pull-"))))
  | first | .number // empty
' <<< "$pulls")
if [ -n "$open" ]; then
  echo "Pull request #$open is still open: merge or close it, then the next run opens a new one."
  exit 0
fi
additions='[]'
while IFS= read -r -d '' file; do
  base64 "$file" | tr -d '\n' > "$RUNNER_TEMP/content"
  additions=$(jq --arg path "$file" --rawfile contents "$RUNNER_TEMP/content" \
    '. + [{path: $path, contents: $contents}]' <<< "$additions")
done < "$RUNNER_TEMP/files"
branch=groupsync-pull-$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT
title="Add groups of the dashboard"
body="Somebody added these groups in the dashboard. Close and open this pull request once, so that GitHub starts its checks."
# What groupsync warns of, such as a group that looks like an entry under another name. The lines hold names of groups: as
# code, they are no Markdown.
warnings=$(awk '/^Warning: / { if (++n <= 30) print "    " substr($0, 10) }
  END { if (n > 30) print "    and " n - 30 " more warnings, in the log of this run" }' "$RUNNER_TEMP/pull.txt")
if [ -n "$warnings" ]; then
  body+=$'\n\n**Before you merge, look at these warnings:**\n\n'"$warnings"
fi
query="mutation(\$input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: \$input) { commit { oid } } }"
jq --arg query "$query" --arg here "$GITHUB_REPOSITORY" --arg branch "$branch" --arg head "$GITHUB_SHA" \
  --arg title "$title" '{query: $query, variables: {input: {
    branch: {repositoryNameWithOwner: $here, branchName: $branch}, expectedHeadOid: $head,
    message: {headline: $title}, fileChanges: {additions: .}}}}' <<< "$additions" > "$RUNNER_TEMP/commit.json"
gh api --method POST "repos/$GITHUB_REPOSITORY/git/refs" -f "ref=refs/heads/$branch" -f "sha=$GITHUB_SHA" --jq .ref
gh api graphql --input "$RUNNER_TEMP/commit.json" --jq .data.createCommitOnBranch.commit.oid
gh api --method POST "repos/$GITHUB_REPOSITORY/pulls" -f "title=$title" -f "head=$branch" \
  -f "base=$GITHUB_REF_NAME" -f "body=$body" --jq .html_url
