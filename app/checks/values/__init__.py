"""What a text states in figures, dates, names and places: read, and made comparable by meaning. Pure."""
