"""A throw-away OpenLDAP server: in its own folder, on free ports, with TLS and the usual overlays."""

import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.peers import certificates
from tests.peers.require import need

BASE = "dc=example,dc=test"
PASSWORD = "svc-secret-123"
ROOT_PASSWORD = "root-secret"

CONFIG = """
include {schema}/core.schema
include {schema}/cosine.schema
include {schema}/inetorgperson.schema
include {schema}/nis.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload refint
moduleload ppolicy
moduleload unique
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
TLSCACertificateFile {tls.ca}
TLSCertificateFile {tls.certificate}
TLSCertificateKeyFile {tls.key}
sizelimit size.soft=500 size.hard=1000
security simple_bind=128
database mdb
suffix "{base}"
rootdn "cn=root,{base}"
rootpw "{root}"
directory {folder}/db
maxsize 134217728
dbnosync
index objectClass,uid,cn,member,entryUUID,mail,labeledURI eq
limits dn.exact="cn=narrow,ou=services,{base}" size.soft=20 size.hard=20 size.prtotal=20
overlay memberof
memberof-group-oc groupOfNames
memberof-refint true
overlay refint
refint_attributes member manager owner
refint_nothing "cn=root,{base}"
overlay unique
unique_uri ldap:///?uid?sub?(objectClass=inetOrgPerson)
overlay ppolicy
ppolicy_default "cn=default,ou=policies,{base}"
access to attrs=userPassword by dn.exact="cn=svc-portal,ou=services,{base}" write by anonymous auth by * none
access to dn.subtree="ou=people,{base}"
  by dn.exact="cn=svc-portal,ou=services,{base}" write by users read by * none
access to dn.subtree="ou=groups,{base}"
  by dn.exact="cn=svc-portal,ou=services,{base}" write by users read by * none
access to * by users read by * none
"""

UNITS = "".join(
    f"dn: ou={name},{BASE}\nobjectClass: organizationalUnit\nou: {name}\n\n"
    for name in ("people", "groups", "services", "policies", "other")
)
SERVICES = "".join(
    f"dn: cn={name},ou=services,{BASE}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n"
    f"cn: {name}\nuserPassword: {PASSWORD}\n\n"
    for name in ("svc-portal", "narrow")
)
ENTRIES = f"""dn: {BASE}
objectClass: organization
objectClass: dcObject
o: Example
dc: example

{UNITS}{SERVICES}dn: cn=default,ou=policies,{BASE}
objectClass: device
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdMinLength: 10
pwdCheckQuality: 2
pwdInHistory: 3
pwdLockout: TRUE
pwdMaxFailure: 3
pwdLockoutDuration: 30

"""


@dataclass
class Slapd:
    """A running server and how to reach it."""

    folder: Path
    port: int
    ldaps_port: int
    ca_file: Path
    process: subprocess.Popen[bytes] | None = None
    host: str = "localhost"
    base: str = BASE
    bind_dn: str = f"cn=svc-portal,ou=services,{BASE}"
    bind_password: str = PASSWORD
    admin_dn: str = f"cn=root,{BASE}"
    admin_password: str = ROOT_PASSWORD

    def config(self, **more: Any) -> dict[str, Any]:
        """Return a resource's table for this server, opened by `open_resource`."""
        return {
            "connector": "ldap",
            "host": self.host,
            "port": self.ldaps_port,
            "ca_file": str(self.ca_file),
            "bind_dn": self.bind_dn,
            "bind_password": self.bind_password,
            "people_base": f"ou=people,{self.base}",
            "groups_base": f"ou=groups,{self.base}",
            "timeout": 2,
            "walls": {"groups": ["*"]},
            **more,
        }

    def start(self, program: str) -> None:
        """Start and wait until the port is open."""
        urls = f"ldap://127.0.0.1:{self.port} ldaps://127.0.0.1:{self.ldaps_port}"
        with (self.folder / "slapd.log").open("wb") as log:
            command = [program, "-f", str(self.folder / "slapd.conf"), "-h", urls, "-d", "0"]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_for_port(self.ldaps_port, self.process)

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    """Return a port that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, process: subprocess.Popen[bytes], seconds: float = 15) -> None:
    """Wait until somebody answers, or say that the process ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with {process.returncode}.")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"Nothing answers on port {port}.")


def prepare(folder: Path) -> Slapd:
    """Write configuration, certificates and the first entries."""
    adder = need("slapadd", "slapd ldap-utils")
    (folder / "db").mkdir(parents=True)
    tls = certificates.make(folder / "tls")
    schema = next(p for p in ("/etc/ldap/schema", "/etc/openldap/schema") if Path(p).is_dir())
    text = CONFIG.format(folder=folder, tls=tls, base=BASE, root=ROOT_PASSWORD, schema=schema)
    (folder / "slapd.conf").write_text(text)
    (folder / "first.ldif").write_text(ENTRIES)
    subprocess.run(
        [adder, "-q", "-f", str(folder / "slapd.conf"), "-l", str(folder / "first.ldif")],
        check=True,
        capture_output=True,
    )
    return Slapd(folder, free_port(), free_port(), tls.ca)


@pytest.fixture(scope="session")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """Give a running slapd; skipped, with the line that installs it, where there is none."""
    program = need("slapd", "slapd ldap-utils")
    server = prepare(tmp_path_factory.mktemp("slapd") / uuid.uuid4().hex[:6])
    try:
        server.start(program)
        yield server
    finally:
        server.stop()
