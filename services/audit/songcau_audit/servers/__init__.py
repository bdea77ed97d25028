"""The gRPC doors: message in, use case, message out."""
