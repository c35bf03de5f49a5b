"""A private certificate authority for tests of TLS."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Certificates:
    """Where an authority's certificate and a server's certificate and key lie."""

    ca: Path
    certificate: Path
    key: Path


def make(folder: Path, *names: str, not_after: datetime | None = None) -> Certificates:
    """Make an authority and a certificate for the names (`localhost` if none)."""
    folder.mkdir(parents=True, exist_ok=True)
    files = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    authority = trustme.CA()
    issued = authority.issue_cert(*(names or ("localhost",)), not_after=not_after)
    authority.cert_pem.write_to_path(str(files.ca))
    issued.private_key_pem.write_to_path(str(files.key))
    files.certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    files.key.chmod(0o600)
    return files
