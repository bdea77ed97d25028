"""Typed clients of the services, one module per noun group; here gRPC and protobuf stop."""
