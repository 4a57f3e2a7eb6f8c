"""Tests cannot reach the network, and can reach themselves."""

import asyncio
import socket

import pytest

from tests.services.network import NetworkIsClosed

FAR = "192.0.2.7"  # set aside for documentation; nobody answers there


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_another_machine_is_out_of_reach(method):
    with socket.socket() as end, pytest.raises(NetworkIsClosed, match=FAR):
        getattr(end, method)((FAR, 80))


def test_names_of_other_machines_are_not_asked_for():
    with pytest.raises(NetworkIsClosed, match=r"example\.com"):
        socket.create_connection(("example.com", 80), timeout=1)


def test_an_event_loop_is_held_to_it_too():
    with pytest.raises(NetworkIsClosed):
        asyncio.run(asyncio.open_connection(FAR, 80))


def test_the_loopback_address_answers():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("localhost", port), timeout=5) as end:
            assert end.getpeername()[1] == port
