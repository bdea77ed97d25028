"""The rights of a person over their data: requests with their clocks, copies, erasure."""
