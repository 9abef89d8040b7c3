"""Who may do what, for servers of the tests: named by the servers' options, and imported by them."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.identity import IdentityProvider, User


class ReadOnly(Authorizer):  # type: ignore[misc, unused-ignore]
    """Lets everybody read studies, and nobody change one."""

    def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:
        return resource != "jupyter_tune" or action == "read"


class NoStudies(Authorizer):  # type: ignore[misc, unused-ignore]
    """Lets everybody do everything but with studies."""

    def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:
        return resource != "jupyter_tune"


class Hub(IdentityProvider):  # type: ignore[misc, unused-ignore]
    """Knows users by a cookie that another server has set, as JupyterHub's does."""

    def get_user(self, handler: Any) -> User | None:
        name = handler.get_cookie("hub-user")
        return User(username=name) if name == "ada" else None

    @property
    def auth_enabled(self) -> bool:
        return True
