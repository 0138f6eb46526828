"""How a request is refused. Nothing here tells an attacker which part was wrong."""

from fastapi import HTTPException, status


class NotAuthenticated(HTTPException):
    """No valid credential."""

    def __init__(self) -> None:
        super().__init__(
            status.HTTP_401_UNAUTHORIZED,
            "Not authenticated",
            headers={"WWW-Authenticate": "Bearer"},
        )


class EmailNotVerified(HTTPException):
    """Signed in, but the address has not been confirmed."""

    def __init__(self) -> None:
        super().__init__(status.HTTP_403_FORBIDDEN, "E-mail address not verified")


class UntrustedOrigin(HTTPException):
    """A state-changing request with a cookie, sent from a page that is not ours."""

    def __init__(self) -> None:
        super().__init__(status.HTTP_403_FORBIDDEN, "Untrusted origin")


class AmbiguousCredentials(HTTPException):
    """Two credentials at once: which one counts must not be a matter of luck."""

    def __init__(self) -> None:
        super().__init__(status.HTTP_400_BAD_REQUEST, "Send one credential, not two")


class AuthUnavailable(HTTPException):
    """Who is calling cannot be known right now; says nothing about the credential."""

    def __init__(self) -> None:
        super().__init__(
            status.HTTP_503_SERVICE_UNAVAILABLE,
            "Authentication is unavailable",
            headers={"Retry-After": "5"},
        )
