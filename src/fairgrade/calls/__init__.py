"""What a judge and a paused kernel say to each other, on both sides of the wall."""
