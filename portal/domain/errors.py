"""What can go wrong while a step begins."""


class CannotStart(Exception):
    """The step cannot begin as it is written; the sentence is for the service desk."""
