"""The study as pure data: ranges, events, commands, and the engine between them.

Standard library only, without asyncio, clock, random or files: the same records give the same commands, in
a running study and in a replay.
"""
