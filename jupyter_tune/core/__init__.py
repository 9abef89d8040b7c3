"""The study as pure data: ranges, facts, commands, and the engine between them.

Standard library only, and of that no asyncio, clock, random or files: the same
records give the same commands, today and in a replay.
"""
