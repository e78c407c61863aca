"""A group of verbs whose list is not cut short."""

from __future__ import annotations

import click


class Group(click.Group):
    """Lists its verbs each with its whole first sentence: click's own list ends long ones with dots."""

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list, wrapped to the terminal."""
        found = ((name, self.get_command(context, name)) for name in self.list_commands(context))
        rows = [(name, verb.get_short_help_str(limit=1000)) for name, verb in found if verb and not verb.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
