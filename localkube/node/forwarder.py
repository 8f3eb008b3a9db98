"""Forwards connections from the machine to the API server inside the node's network namespace.

It inherits a socket that listens outside, and runs until it is killed.
"""

import asyncio
import contextlib
import socket
import sys


def main() -> None:
    """Forward every connection of the inherited socket."""
    descriptor, address, port = sys.argv[1:]
    asyncio.run(_serve(socket.socket(fileno=int(descriptor)), address, int(port)))


async def _serve(listening: socket.socket, address: str, port: int) -> None:
    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            inner_reader, inner_writer = await asyncio.open_connection(address, port)
            await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))

    server = await asyncio.start_server(forward, sock=listening)
    await server.serve_forever()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


if __name__ == "__main__":
    main()
