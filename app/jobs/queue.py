"""What a task is, for workers. Work is put into the queue by `app.jobs.service.defer`.

A job may run twice, so every task can be repeated without harm. Only `jobs.py` files and the worker import
this: the queue's package takes longer to load than a page to draw.
"""

from procrastinate import App, RetryStrategy, SyncPsycopgConnector

# Never opened: jobs are put into the queue through the session, and a worker brings its own connections.
app = App(connector=SyncPsycopgConnector())
task = app.task
periodic = app.periodic

# For work that failed because the database or the disk was away: again after 4 seconds, 16, 64 …
RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)
