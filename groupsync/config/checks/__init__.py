"""Values to problems: what the schema says, contradictions, names that YAML reads differently, likely mistakes."""
