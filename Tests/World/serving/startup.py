"""How a stand-in starts: its options, its two listeners, the line that says where they are, its end."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import ssl
from pathlib import Path

from clock import Clock
from control import Control
from server import Respond, Server


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, help="of the server on 127.0.0.1; any free one without it")
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--certificate", type=Path, help="PEM; with it the server speaks TLS")
    parser.add_argument("--key", type=Path, help="PEM; the certificate's, when that does not hold it")
    parser.add_argument("--name", default="127.0.0.1", help="the host name in the addresses that are printed")
    parser.add_argument("--stay", action="store_true", help="do not end with whoever started it")


def server_of(options: argparse.Namespace, respond: Respond) -> Server:
    tls = None
    if options.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.certificate, options.key)
    return Server(respond, Clock(), options.port, tls)


def url_of(options: argparse.Namespace, server: Server) -> str:
    scheme = "https" if server.tls else "http"
    return f"{scheme}://{options.name}:{server.port}"


async def serve(options: argparse.Namespace, server: Server, control: Control) -> None:
    """Prints one line of JSON, `{"url", "control", "port", "control_port", "pid"}`, and serves until a signal or the parent's end."""
    parent = os.getppid()
    listener = Server(control.respond, Clock(), options.control_port)
    await listener.up()
    url = url_of(options, server)
    ports = {"port": server.port, "control_port": listener.port, "pid": os.getpid()}
    print(json.dumps({"url": url, "control": f"http://127.0.0.1:{listener.port}", **ports}), flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    while not ended.is_set() and (options.stay or os.getppid() == parent):
        try:
            await asyncio.wait_for(ended.wait(), 0.5)
        except TimeoutError:
            continue
    await server.down()
    await listener.down()
