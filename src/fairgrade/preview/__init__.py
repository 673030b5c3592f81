"""What the tests, points and thresholds of now would do to grades as they stand."""
