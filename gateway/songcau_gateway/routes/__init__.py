"""Every route of the API, one module per noun with its schemas beside it."""
