"""submitted/ to autograded/: one submission, or a class of them."""
