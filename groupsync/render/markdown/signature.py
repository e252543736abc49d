"""The last line of a page: what it is about, to find it again and to hold it against another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.planfile.digest import digest_review
from groupsync.render.escape import in_code

if TYPE_CHECKING:
    from groupsync.model.review import Review
    from groupsync.render.view import View


_LONGEST_COMMIT = 64  # of SHA-256; the environment may say anything


def sign(review: Review, view: View) -> str:
    """Return the digest of the plan, the commit of the configuration, the account, when and by what it was made."""
    parts = [
        f"digest {in_code(digest_review(review))}",
        *([f"commit {in_code(view.commit[:_LONGEST_COMMIT])}"] if view.commit else []),
        f"account {in_code(review.target.account)}",
        f"made {review.created_at} by groupsync {review.groupsync_version}",
    ]
    return f"<sub>{' · '.join(parts)}</sub>"
