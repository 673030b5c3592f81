"""Numbers, texts, arrays, containers, dates."""
