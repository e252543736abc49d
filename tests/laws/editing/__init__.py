"""Files in every style, and edits of them, for the laws of editing."""
