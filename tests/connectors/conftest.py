"""The servers that connectors are tried on."""

from tests.peers.embedded import embedded
from tests.peers.slapd import slapd

__all__ = ["embedded", "slapd"]
