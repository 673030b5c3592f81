"""From an instructor's source to what students get."""
