"""Plan and apply the contact groups of a Messente Phonebook from a YAML file in git."""

__version__ = "0.1.0"
