"""The search for guides: reading, deciding, danger, and how often it is right."""
