"""Which work is new: keys of what decides a result."""
