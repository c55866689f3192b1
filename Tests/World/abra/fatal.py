"""How the stand-in stops."""


class Fatal(Exception):
    """Printed as `FATA <text>`; exit code 1."""


class UsageError(Exception):
    """A command line that the flag grammar refuses; printed as cobra does, exit code 1."""
