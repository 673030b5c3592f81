"""What was computed once, kept by what decides it."""
