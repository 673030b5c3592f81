"""Students' work into submitted/: from folders, downloads and the exchange."""
