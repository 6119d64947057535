"""What may come in to sign in by JSON."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from pydantic import StringConstraints as Limits

from api.fields import PRINTED, Answer, Code, Form


class SignInForm(Form):
    """A login and its password."""

    login: Code
    password: Annotated[str, Limits(min_length=1, max_length=1000, pattern=PRINTED)]


class SignedIn(Answer):
    """The token of a new sign-in."""

    token: Annotated[str, Field(description="Передаётся заголовком Authorization: Bearer …")]
    hours: Annotated[int, Field(description="Сколько часов действует")]


class Me(Answer):
    """Who asks."""

    display_name: str
    person_id: int | None
    roles: Sequence[str]


class FormToken(Answer):
    """The value of the header that a request with a cookie needs to change something."""

    csrf_token: str
