"""The plan file, format 1.0: a review as JSON, byte for byte the same for equal reviews."""
