"""What can be said of a text and its source without asking anybody. Pure."""
