"""Reviewers' decisions on revisions, and the queue that brings them up."""
