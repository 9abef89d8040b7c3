"""The requests of pages. All need a user whom the server knows and lets do that to `jupyter_tune`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from jupyter_tune.errors import OptionError, TuneError

if TYPE_CHECKING:
    from jupyter_tune.server.service import Service

NO_STUDY = "There is no study of that path under the server's root."


class _Handler(APIHandler):
    """`service`: of the server."""

    auth_resource = "jupyter_tune"

    def initialize(self, service: Service) -> None:
        self.service = service

    def answer(self, data: Any) -> None:
        """`data` as JSON; text is JSON already."""
        self.finish(data if isinstance(data, str) else json.dumps(data, allow_nan=False))

    def refuse(self, status: int, error: Exception) -> None:
        # HTTPError would double each percent sign
        self.set_status(status)
        self.answer({"message": str(error)})


class Studies(_Handler):
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
        try:
            found = await self.service.run(lambda studies: studies.dashboard(name))
        except TuneError as error:
            self.refuse(409, error)
            return
        if found is None:
            raise web.HTTPError(404, NO_STUDY)
        self.answer(found)

    @web.authenticated
    @authorized
    async def delete(self, name: str) -> None:
        try:
            is_there = await self.service.run(lambda studies: studies.delete(name))
        except TuneError as error:
            self.refuse(409, error)
            return
        if not is_there:
            raise web.HTTPError(404, NO_STUDY)
        self.set_status(204)
        self.finish()


class Requests(_Handler):
    """Requests to the driver of a study."""

    @web.authenticated
    @authorized
    async def post(self, name: str) -> None:
        message = self.get_json_body()
        if not isinstance(message, dict):
            raise web.HTTPError(400, "A request is an object with a type.")
        try:
            is_there = await self.service.run(lambda studies: studies.ask(name, message))
        except OptionError as error:
            self.refuse(400, error)
            return
        except TuneError as error:
            self.refuse(409, error)
            return
        if not is_there:
            raise web.HTTPError(404, NO_STUDY)
        self.answer({})


class Compare(_Handler):
    """Several studies in one chart."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        names, by = self.get_query_arguments("path"), self.get_query_argument("by", "trials")
        try:
            found = await self.service.run(lambda studies: studies.comparison(names, by))
        except TuneError as error:
            self.refuse(400, error)
            return
        if found is None:
            raise web.HTTPError(404, NO_STUDY)
        self.answer(found)
