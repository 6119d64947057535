"""`flask roles`: the page of roles, printed from the table of rights."""

from collections.abc import Iterator
from typing import Final

import click

from api.identity import Role
from api.policy import ROLES, SHOWN, TABLE, Action, FieldGroup, Permission, Reach

HEAD: Final = """\
# Who may do what, and who is shown what

`flask roles > docs/roles.md` prints this page from `api/policy.py`; a test holds the two equal.

A rule is a role and how far it reaches: within the grant (territory, municipality, school) where
nothing is said, else oneself. Whoever may start commands on the machine (`operator`) may do all.
`service` is the service itself: it knows, for the act of somebody, of people whom they do not see.
"""


@click.command("roles", help="Напечатать страницу docs/roles.md: кому что можно и кому что видно.")
def roles() -> None:
    click.echo(roles_text(), nl=False)


def roles_text() -> str:
    """Return the page of roles as Markdown."""
    return "\n".join([HEAD, *_roles(), *_actions(), *_groups()]) + "\n"


def _roles() -> Iterator[str]:
    yield from ("## Roles", "", "| role | in Russian |", "|---|---|")
    yield from (f"| `{role}` | {ROLES[role]} |" for role in Role)
    yield ""


def _actions() -> Iterator[str]:
    yield from (
        "## Actions",
        "",
        "| action | in Russian | done to | who | its verbs need too |",
        "|---|---|---|---|---|",
    )
    yield from (_action(action, permission) for action, permission in TABLE.items())
    yield ""


def _action(action: Action, permission: Permission) -> str:
    who = "; ".join(f"{rule.role}: {rule.reach}" if rule.reach is Reach.OWN else rule.role for rule in permission.rules)
    also = ", ".join(f"`{other}`" for other in permission.also)
    return f"| `{action}` | {permission.title} | {permission.about} | {who or Role.OPERATOR} | {also} |"


def _groups() -> Iterator[str]:
    yield from ("## Groups of fields", "", f"| role | {' | '.join(FieldGroup)} |", "|---|" + "---|" * len(FieldGroup))
    for role, groups in SHOWN.items():
        yield f"| `{role}` | {' | '.join('shown' if group in groups else '–' for group in FieldGroup)} |"
