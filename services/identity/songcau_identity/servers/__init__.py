"""The gRPC doors of the identity service: message in, use case, message out."""
