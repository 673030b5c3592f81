"""What both sides of the sandbox agree on."""
