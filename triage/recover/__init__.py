"""Writing out what can be saved, to another disk: reads the evidence by the case's keys, never writes to it."""
