"""The plan file, format 2.0: a review as JSON, byte for byte the same for equal reviews."""
