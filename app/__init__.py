"""Engross: where paralegals write the contract summaries that a language model learns from."""
