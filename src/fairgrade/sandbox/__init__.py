"""The sandbox a student's notebook runs in. Nothing in here trusts what comes out."""
