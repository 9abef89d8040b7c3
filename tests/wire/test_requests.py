"""Requests to messages and back."""

from __future__ import annotations

import json
import typing

import pytest

from jupyter_tune.driver import requests as granted
from jupyter_tune.errors import DriverError
from jupyter_tune.wire import requests
from jupyter_tune.wire.requests import KEEP, Budget, Halt, Request, Steering, Undo, from_message, named


@pytest.mark.parametrize(
    "request_",
    [Halt(3, "pruned"), Budget(None), Budget(workers=4), Undo(), requests.Narrow({"x": [0.0, 1.0]})],
    ids=repr,
)
def test_a_request_survives_its_message(request_: Request) -> None:
    message = json.loads(json.dumps({**request_.to_message(), "id": 7}))
    assert from_message(message, named(Request)) == request_


def test_a_field_that_is_left_out_has_its_default() -> None:
    assert from_message({"type": "budget", "trials": None}, named(Request)) == Budget(None, KEEP)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"type": "halt", "trial": 3}, "halt: the request lacks state"),
        ({"type": "halt"}, "halt: the request lacks trial and state"),
        ({"type": "fly"}, "no such request 'fly'"),
        ({}, "no such request None"),
        ({"type": ["halt"]}, "no such request"),
    ],
)
def test_what_is_no_request_is_refused_in_words(message: dict[str, object], words: str) -> None:
    with pytest.raises(DriverError, match=words):
        from_message(message, named(Request))


def test_every_request_of_users_is_granted_by_a_function_of_its_name() -> None:
    for name, request in named(Steering).items():
        assert typing.get_type_hints(getattr(granted, name))["request"] is request
