"""What a lesson's notebook imports, on any machine."""
