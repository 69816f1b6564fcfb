"""The background queue and the heartbeat of its workers."""
