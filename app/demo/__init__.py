"""The demo project: fictional contracts, and people at work on them."""
