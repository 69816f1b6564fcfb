"""Running Engross: opening the database, serving, the worker's process, and looking whether all is well."""
