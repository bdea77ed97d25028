"""Keeps gRPC out of forks; imported before anything that imports gRPC, which reads the variable once.

Tests start PostgreSQL under another user, for which Python forks. gRPC's handlers would start its threads in the child
while its files are being closed, and now and then the child ends before it becomes PostgreSQL.
"""

import os

os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
