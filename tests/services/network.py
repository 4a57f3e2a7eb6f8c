"""No test needs the network: in this process only the loopback address answers."""

import ipaddress
import socket

import pytest

LOCAL = frozenset({"", "localhost", "ip6-localhost", socket.gethostname()})


class NetworkIsClosed(RuntimeError):
    """A test reached for another machine."""

    def __init__(self, host: str) -> None:
        super().__init__(f"tests may not reach {host!r}; give the code a local stand-in")


def check_local(host: str | bytes | None) -> None:
    """Refuse every host but this one.

    >>> check_local("127.0.0.1")
    >>> check_local("192.0.2.7")
    Traceback (most recent call last):
    ...
    tests.services.network.NetworkIsClosed: tests may not reach '192.0.2.7'; give the code a local stand-in
    """  # noqa: E501 - the message is one line
    name = host.decode() if isinstance(host, bytes) else host or ""
    if name in LOCAL:
        return
    try:
        local = ipaddress.ip_address(name).is_loopback or ipaddress.ip_address(name).is_unspecified
    except ValueError:
        local = False
    if not local:
        raise NetworkIsClosed(name)


def close_network(patch: pytest.MonkeyPatch) -> None:
    """Let sockets of this process connect and resolve only locally."""
    connect, connect_ex, resolve = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.getaddrinfo,
    )

    def guarded(method):
        def call(self: socket.socket, address: object) -> object:
            if self.family in {socket.AF_INET, socket.AF_INET6} and isinstance(address, tuple):
                check_local(address[0])
            return method(self, address)

        return call

    def guarded_resolve(host: str | bytes | None, *args: object, **kwargs: object) -> object:
        check_local(host)
        return resolve(host, *args, **kwargs)

    patch.setattr(socket.socket, "connect", guarded(connect))
    patch.setattr(socket.socket, "connect_ex", guarded(connect_ex))
    patch.setattr(socket, "getaddrinfo", guarded_resolve)
