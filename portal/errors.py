"""What cannot be done, and how the person who asked is told."""

from portal.i18n import N_


class PortalError(Exception):
    """Something that was asked for cannot be; shown to the person who asked."""

    message = N_("That cannot be done.")
    status = 400

    def __init__(self, message: str | None = None, **values: object) -> None:
        """Take another marked text than the class's, and values for its `%(name)s`."""
        self.message = message or type(self).message
        self.values = values
        super().__init__(self.message % values if values else self.message)


class SignInNeeded(PortalError):
    """Nobody is signed in."""

    message = N_("Sign in to go on.")
    status = 401


class NotAllowed(PortalError):
    """The person may not do this."""

    message = N_("You do not have the right to do this.")
    status = 403


class NotFound(PortalError):
    """There is no such thing, or not for this person."""

    message = N_("What you are looking for is not here.")
    status = 404


class Stale(PortalError):
    """Somebody else was first, or the page showed something older than what is true now."""

    message = N_("This has changed since you opened the page. Look at it again before you decide.")
    status = 409


class Gone(PortalError):
    """The link has been used up or is too old."""

    message = N_("This link no longer works.")
    status = 410


class Invalid(PortalError):
    """What was sent cannot be used."""

    message = N_("Something in what you sent cannot be used.")
    status = 422


class TooMany(PortalError):
    """Too many tries in a short time."""

    message = N_("Too many attempts. Wait a few minutes and try again.")
    status = 429


class Misconfigured(PortalError):
    """The installation's settings make it impossible; says which one."""

    message = N_("The portal is not set up for this.")
    status = 500
