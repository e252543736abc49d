"""The plan file, format 1.0: a review as JSON, byte for byte the same for equal reviews."""

from groupsync.planfile.changes import describe_change, dump_change
from groupsync.planfile.digest import digest_config, digest_review
from groupsync.planfile.dump import dump_review
from groupsync.planfile.load import load_review

__all__ = ["describe_change", "digest_config", "digest_review", "dump_change", "dump_review", "load_review"]
