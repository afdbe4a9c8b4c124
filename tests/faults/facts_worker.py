"""A Faust worker that counts what it is given, with the exchange's own transport or with Faust's stock one.

    python -m tests.faults.facts_worker FOLDER TOPIC GROUP own|stock

The group's offset must have been written. It ends one second after it has seen a record `last`.
"""

import asyncio
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from faust.transport.drivers.aiokafka import Transport

from broker import kafka
from broker.logs import start_logs
from broker.settings import load_settings


def main(folder: str, topic: str, group: str, transport: str) -> None:
    """Prints one JSON list of the values seen."""
    start_logs()
    settings = replace(load_settings(Path(folder)), release_group=group)
    app = kafka.release_app(settings, 0)
    if transport == "stock":
        app.transport = Transport(app.conf.broker, app=app, loop=None)
    seen: list[str] = []

    async def count(stream: Any) -> None:
        async for event in stream.noack().events():
            seen.append(event.message.value.decode())
            if seen[-1] == "last":
                asyncio.get_running_loop().call_later(1.0, report)

    def report() -> None:
        print(json.dumps(seen), flush=True)
        os._exit(0)

    app.agent(kafka.raw_topic(app, [topic]), concurrency=1, name="facts")(count)
    kafka.run_worker(app)


if __name__ == "__main__":
    main(*sys.argv[1:])
