"""The requests of pages. All need a user whom the server knows and lets do that to `jupyter_tune`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from jupyter_tune.errors import OptionError, TuneError

if TYPE_CHECKING:
    from jupyter_tune.server.service import Service
    from jupyter_tune.server.studies import Studies

NO_STUDY = "There is no study of that path under the server's root."


class _Handler(APIHandler):
    """`service`: of the server."""

    auth_resource = "jupyter_tune"

    def initialize(self, service: Service) -> None:
        self.service = service

    def answer(self, data: Any) -> None:
        """`data` as JSON; text is JSON already."""
        self.finish(data if isinstance(data, str) else json.dumps(data, allow_nan=False))

    async def act(self, act: Callable[[Studies], Any], *, refused: int = 409) -> Any:
        """What `act` returns, called on a thread; None once it is answered that it was refused, with status
        `refused`. Raises: HTTPError where it returns nothing, for there is no such study."""
        try:
            result = await self.service.run(act)
        except TuneError as error:
            # HTTPError would double each percent sign
            self.set_status(400 if isinstance(error, OptionError) else refused)
            self.answer({"message": str(error)})
            return None
        if not result:
            raise web.HTTPError(404, NO_STUDY)
        return result

    async def answer_with(self, what: Literal["dashboard", "model"], name: str) -> None:
        """Answer with that part of a study."""
        if found := await self.act(lambda studies: studies.part(what, name)):
            self.answer(found)


class AllStudies(_Handler):
    """All studies."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(await self.service.run(lambda studies: studies.listing()))


class Study(_Handler):
    """One study, by its path."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        await self.answer_with("dashboard", name)

    @web.authenticated
    @authorized
    async def delete(self, name: str) -> None:
        if await self.act(lambda studies: studies.delete(name)):
            self.set_status(204)
            self.finish()


class Model(_Handler):
    """What the sampler's model says of one study."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        await self.answer_with("model", name)


class Requests(_Handler):
    """Requests to the driver of a study."""

    @web.authenticated
    @authorized
    async def post(self, name: str) -> None:
        message = self.get_json_body()
        if not isinstance(message, dict):
            raise web.HTTPError(400, "A request is an object with a type.")
        if await self.act(lambda studies: studies.ask(name, message)):
            self.answer({})


class Compare(_Handler):
    """Several studies in one chart."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        names, by = self.get_query_arguments("path"), self.get_query_argument("by", "trials")
        if found := await self.act(lambda studies: studies.comparison(names, by), refused=400):
            self.answer(found)
