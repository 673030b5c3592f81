"""What runs in the sandbox, beside student code: nothing here is trusted."""
