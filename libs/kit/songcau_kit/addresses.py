"""The form of addresses in settings: `host:port`, `[::1]:port`."""


def parse_address(address: str) -> tuple[str, int]:
    """Return host and port; raise ValueError with a sentence for anything else."""
    host, _, port = address.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"an address is written host:port, not {address!r}")
    return host.removeprefix("[").removesuffix("]"), int(port)
