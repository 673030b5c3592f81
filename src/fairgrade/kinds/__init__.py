"""What can leave a sandbox: a folder each, described inside and read outside."""
