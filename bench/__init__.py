"""What the figures of docs/performance.md are made with: `python -m bench`."""
