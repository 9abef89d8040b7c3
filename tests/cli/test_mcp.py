"""`jupyter-tune mcp` as an agent uses it: by the official client, over stdin and stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from tests.cli.conftest import RUN, Terminal

READING = {
    "list_studies",
    "study_status",
    "study_trials",
    "study_chart",
    "study_advice",
    "trial_log",
}
CHANGING = {"enqueue_trial", "narrow_ranges"}


class Tools:
    """The tools of a server, called by a client."""

    def __init__(self, client: Client):
        self._client = client

    async def names(self) -> set[str]:
        return {tool.name for tool in (await self._client.list_tools()).tools}

    async def call(self, name: str, **given: Any) -> Any:
        result = await self._client.call_tool(name, given)
        assert not result.is_error, result.content
        told = result.structured_content
        assert told is not None
        return told.get("result", told)

    async def refusal(self, name: str, **given: Any) -> str:
        result = await self._client.call_tool(name, given)
        assert result.is_error
        return str(result.content[0].text)


@asynccontextmanager
async def tools(terminal: Terminal, *options: str) -> AsyncIterator[Tools]:
    words = ["-m", "jupyter_tune.cli", "mcp", "--dir", str(terminal.folder), *options]
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    server = StdioServerParameters(command=sys.executable, args=words, env={**terminal.env, **paths})
    async with Client(server) as client:
        yield Tools(client)


@pytest.mark.asyncio
async def test_an_agent_reads_studies_and_changes_none(terminal: Terminal) -> None:
    terminal.run(*RUN, "--name", "first", "-n", "6", "--max-steps", "9")
    async with tools(terminal) as agent:
        assert await agent.names() == READING
        [row] = await agent.call("list_studies")
        assert (row["name"], row["state"], row["best"]) == ("first", "ended", 1.09)
        status = await agent.call("study_status", study="first")
        assert status["best"]["params"]["lr"] == 0.3
        assert status["changes_left"] == 0
        assert status["declared"]["parameters"][0]["name"] == "lr"
        best = await agent.call("study_trials", study="first", limit=2)
        values = [trial["value"] for trial in best]
        assert values == sorted(values, reverse=True)
        assert len(best[0]["curve"]) == 9
        newest = await agent.call("study_trials", study="first", order="newest", states=["complete"])
        assert [trial["number"] for trial in newest] == sorted((t["number"] for t in newest), reverse=True)
        chart = await agent.call("study_chart", study="first", chart="optimization_history")
        [drawn] = [each for each in chart["series"] if each["name"] == "best so far"]
        assert drawn["y"][-1] == 1.09
        model = await agent.call("study_chart", study="first", chart="param_importances")
        assert sum(model["series"][0]["x"]) == pytest.approx(1.0, abs=0.2)
        assert await agent.call("study_advice", study="first") == {"findings": [], "note": ""}
        assert (await agent.call("trial_log", study="first", trial=0))["log"].startswith("epoch 1 acc=1.01")


@pytest.mark.asyncio
async def test_what_an_agent_may_not_see_or_asks_wrongly_is_refused_in_words(terminal: Terminal) -> None:
    terminal.run(*RUN, "--name", "first", "-n", "1")
    async with tools(terminal, "--budget", "2") as agent:
        outside = await agent.refusal("study_status", study=str(terminal.folder / "first.tune.db"))
        assert "there is: first" in outside
        assert "limit: must be 1 to 100, got 0" in await agent.refusal("study_trials", study="first", limit=0)
        assert "is not running" in await agent.refusal("enqueue_trial", study="first", params={"lr": 0.5})


@pytest.mark.asyncio
async def test_an_agent_steers_a_running_study_within_its_budget(terminal: Terminal) -> None:
    terminal.run(*RUN, "--name", "live", "--detach", "-n", "500", "-j", "1", "--", "--pause", "0.1")
    async with tools(terminal, "--budget", "2") as agent:
        assert await agent.names() == READING | CHANGING
        wrong = await agent.refusal("narrow_ranges", study="live", ranges={"lr": [0.5, 2.0]})
        assert "lr" in wrong
        status = await agent.call("narrow_ranges", study="live", ranges={"lr": [0.5, 0.9]})
        assert status["changes_left"] == 1
        assert status["ranges"]["lr"] == [0.5, 0.9]
        tried = await agent.call("enqueue_trial", study="live", params={"lr": 0.123})
        assert tried["changes_left"] == 0
        spent = await agent.refusal("enqueue_trial", study="live", params={"lr": 0.124})
        assert "the budget of 2 changes is spent" in spent
        found: list[float] = []
        while 0.123 not in found:
            newest = await agent.call("study_trials", study="live", order="newest", limit=100)
            found = [trial["params_lr"] for trial in newest]
        assert 0.124 not in found
    terminal.run("stop", "live")
