from __future__ import annotations

import socket

import pytest

from jupyter_tune.wire.frames import LIMIT, FrameError, Link, Message, Splitter, encode


def test_frames_survive_any_cut() -> None:
    stream = encode({"a": "é\n"}) + encode({"b": 1})
    splitter = Splitter()
    heard: list[Message] = [
        message for k in range(len(stream)) for message in splitter.feed(stream[k : k + 1])
    ]
    assert heard == [{"a": "é\n"}, {"b": 1}]


@pytest.mark.parametrize("data", [b"[1]\n", b"{\n", b"\xff\n", b"x" * LIMIT])
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(FrameError):
        Splitter().feed(data)


def test_a_message_that_is_too_long_is_not_sent() -> None:
    with pytest.raises(FrameError, match="1,048,576 is the limit"):
        encode({"text": "x" * LIMIT})


def test_a_link_never_blocks_and_keeps_the_order() -> None:
    ours, theirs = socket.socketpair()
    a, b = Link(ours), Link(theirs)
    for k in range(3000):
        a.send({"k": k, "pad": "x" * 1000})
    assert a.has_unsent
    heard: list[Message] = []
    while len(heard) < 3000:
        heard += b.receive_rest()
        a.flush()
    assert [message["k"] for message in heard] == list(range(3000))
    a.close()
    assert b.receive() == []
    assert b.lost
    b.close()
