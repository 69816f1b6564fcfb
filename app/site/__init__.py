"""The site as whoever runs it sees it: workers, jobs, storage, events, metrics. No contract is read."""
