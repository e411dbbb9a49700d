"""A site whose capacity is known: `python slots_site.py SLOTS SERVICE_MS` serves that many at a time, each for so long.

So it bears SLOTS / SERVICE requests per second and no more. Prints its address as the first line; ends when its
standard input is closed.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading

SLOTS, SERVICE = int(sys.argv[1]), float(sys.argv[2]) / 1000
BODY = b'{"items": [], "total": 0}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY)


async def main() -> None:
    """Serves for ever."""
    free = asyncio.Semaphore(SLOTS)

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                async with free:
                    await asyncio.sleep(SERVICE)  # the service is the script
                writer.write(ANSWER)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0, backlog=1000)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
asyncio.run(main())
