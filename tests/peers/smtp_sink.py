"""A mail server for tests: wants STARTTLS and a sign-in, keeps what it gets, and fails on demand."""

import asyncio
import email
import email.policy
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.peers import certificates
from tests.peers.slapd import free_port

Fault = Literal["", "4xx", "5xx", "cut", "slow"]
USER, PASSWORD = "portal", "s3cret"


@dataclass
class Sink:
    """What arrived, and how to fail: `cut` and `slow` keep the letter although the answer is lost."""

    messages: list[EmailMessage] = field(default_factory=list)
    fault: Fault = ""
    host: str = "localhost"
    port: int = 0
    ca_file: Path = Path()
    user: str = USER
    password: str = PASSWORD

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Refuse nobody@."""
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the letter, or fail as told."""
        if self.fault == "4xx":
            return "451 4.3.0 try later"
        if self.fault == "5xx":
            return "554 5.7.1 rejected"
        letter = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        self.messages.append(letter)
        if self.fault == "cut":
            server.transport.abort()
        if self.fault == "slow":
            await asyncio.sleep(5)
        return "250 OK"


def _sign_in(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=good, handled=False)  # handled=True would leave the client without an answer


@pytest.fixture
def smtp_sink(tmp_path: Path) -> Iterator[Sink]:
    """Give a running mail server."""
    tls = certificates.make(tmp_path / "smtp")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.certificate, tls.key)
    sink = Sink(port=free_port(), ca_file=tls.ca)
    controller = Controller(
        sink,
        hostname="127.0.0.1",
        port=sink.port,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=_sign_in,
        auth_require_tls=True,
        decode_data=False,
    )
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
