"""The six kinds of trouble with another system: the kind says what to do next, the text what happened."""


class ConnectorError(Exception):
    """A call to another system failed; the text is for the service desk."""

    may_retry = False
    pauses_resource = False

    def __init__(
        self,
        message: str,
        *,
        field: str = "",
        detail: str = "",
        advice: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.detail = detail
        self.advice = advice
        self.retry_after = retry_after

    def __str__(self) -> str:
        said = f" The system said: {self.detail}." if self.detail else ""
        advice = f" {self.advice}" if self.advice else ""
        return f"{self.message}{said}{advice}"


class Unavailable(ConnectorError):
    """Not now: nothing was done, try later."""

    may_retry = True


class Unknown(ConnectorError):
    """It may have happened: look before doing it again."""

    may_retry = True


class Conflict(ConnectorError):
    """Something that is not ours is in the way."""


class Denied(ConnectorError):
    """The resource's walls, or the system's own rights, say no."""


class Misconfigured(ConnectorError):
    """The connection is set up wrongly: the resource pauses until its settings change."""

    pauses_resource = True


class Invalid(ConnectorError):
    """The system refuses this value; `field` names it."""
