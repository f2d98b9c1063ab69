"""Whether an image answers and how it is: two separate things (DESIGN section 8)."""

from enum import StrEnum


class ConnectionStatus(StrEnum):
    """What the probes say of the way to an image."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    RECONNECTING = "reconnecting"
    FAILED = "failed"
    UNKNOWN = "unknown"


class ConnectionHealth(StrEnum):
    """How well an image is, as far as one probe can tell."""

    HEALTHY = "healthy"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class ProbeLevel(StrEnum):
    """How far into an image a contact reaches; each level includes those before it."""

    TCP = "tcp"  # something accepts connections at the address
    RPC = "rpc"  # an agent there greets us, as the image that is registered
    IMAGE = "image"  # the image answers a ping, and tells how long its own processes wait for their turn
