"""Hidden tests on what students made: outside their reach, in walls of its own."""
