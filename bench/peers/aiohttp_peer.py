"""`aiohttp_peer.py URL IN_FLIGHT`: see peer.py."""

import asyncio
import sys
import time

import aiohttp

FIELDS = {"Authorization": "Bearer dtn_bench", "Accept": "application/json", "X-Daytona-Source": "aiohttp"}


async def get_repeatedly(session, url, calls):
    for _ in range(calls):
        async with session.get(url, headers=FIELDS) as answer:
            if (await answer.json())["state"] != "started":
                sys.exit("not the sandbox that was asked for")


async def main():
    url, in_flight = sys.argv[1], int(sys.argv[2])
    async with aiohttp.ClientSession() as session:
        for line in sys.stdin:
            calls = int(line)
            shares = [calls // in_flight + (index < calls % in_flight) for index in range(in_flight)]
            await asyncio.gather(*(get_repeatedly(session, url, share) for share in shares))
            print(time.process_time(), flush=True)


asyncio.run(main())
