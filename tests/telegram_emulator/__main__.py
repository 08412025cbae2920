"""`python -m tests.telegram_emulator --port N`: the emulator as a process of its own."""

import argparse
import asyncio
import sys

from tests.telegram_emulator.api import STRICT, TOKEN, BotApi


async def _serve(port: int, *, paced: bool, latency_ms: float) -> None:
    api = BotApi(limits=STRICT if paced else None, journal=paced)
    api.faults.latency_s = latency_ms / 1000
    await api.start(port)
    sys.stdout.write(f"base_url {api.base_url}  token {TOKEN}\n")
    sys.stdout.flush()
    try:
        await asyncio.Event().wait()
    finally:
        await api.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.telegram_emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--no-limits", action="store_true", help="never answer 429, keep no calls")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="of every answer")
    args = parser.parse_args()
    try:
        asyncio.run(_serve(args.port, paced=not args.no_limits, latency_ms=args.latency_ms))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
