"""Reading contracts: every document here is made by the test that reads it."""
