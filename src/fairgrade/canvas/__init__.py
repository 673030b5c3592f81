"""A course on Canvas: its people and hand-ins in; grades, comments and pages out."""
