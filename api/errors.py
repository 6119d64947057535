"""The few errors of the service and the only place that knows status numbers."""


class ServiceError(Exception):
    """An error with a code for programs and a Russian sentence for people; `field` names what to correct."""

    code = "error"
    status = 500

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidInput(ServiceError):
    code, status = "invalid_input", 422


class NotFound(ServiceError):
    code, status = "not_found", 404


class Forbidden(ServiceError):
    code, status = "forbidden", 403


class Unauthenticated(ServiceError):
    code, status = "unauthenticated", 401


class Conflict(ServiceError):
    code, status = "conflict", 409
