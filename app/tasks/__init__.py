"""The queue: which document waits for which instruction, and who holds it."""
