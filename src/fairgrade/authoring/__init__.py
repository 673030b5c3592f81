"""source/ to release/: what an instructor makes, and what students get of it."""
