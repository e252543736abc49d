"""`groupsync fix`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options
from groupsync.cli.asking import ask_choice, ask_number
from groupsync.cli.reading_watcher import ReadingWatcher
from groupsync.errors import NotApprovedError
from groupsync.fixes.question import SKIP, Reply, accept_renames
from groupsync.render.fix import render_fix_report, render_introduction, render_notes, render_question
from groupsync.runs.fix import run_fix
from groupsync.runs.session import Surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal
    from groupsync.fixes.question import FixAnswer, Question
    from groupsync.model.review import Review
    from groupsync.runs.options import RunOptions


_EXAMPLES = """\b
Examples:
  groupsync fix
  groupsync fix --diff | git apply
"""

_HELP = """Type the letter of an answer. To answer all questions of its kind in the same way, add an a, as in ra.
Type sa to skip them all, and q to end the questions and write your answers."""


@click.command(epilog=_EXAMPLES)
@options.config_paths
@options.endpoint
@options.timeout
@options.backup_dir
@click.option(
    "--into",
    "new_entries",
    metavar="FILE",
    type=options.PATH,
    help="The file of the configuration that gets new entries, if there are several.",
)
@click.option("--diff", "only_diff", is_flag=True, help="Ask nothing: print what the suggested renames would change.")
@click.option("--accept", type=click.Choice(("renames",)), help="Ask nothing: write the suggested renames.")
@click.pass_obj
@options.collect_run_options
def fix(
    terminal: Terminal, run_options: RunOptions, *, new_entries: Path | None, only_diff: bool, accept: str | None
) -> int:
    """Answer questions about what a plan refuses or suggests.

    Each answer is an edit of the configuration. All edits are written at the end. The Phonebook is only read. Without a
    terminal, it prints the suggested renames as a diff and writes nothing.
    """
    if only_diff and accept:
        raise click.UsageError("--diff writes nothing, and --accept writes: give one of them.")
    if accept and terminal.environ.get("CI"):
        raise NotApprovedError(
            "a person decides about a suggestion, and CI is set", remedy="print the suggestions: groupsync fix --diff"
        )
    asker = None if only_diff or accept or not terminal.can_ask else _Asker(terminal)
    report = run_fix(
        run_options,
        Surroundings(environ=terminal.environ, watcher=asker or ReadingWatcher(terminal)),
        ask=asker.ask if asker else accept_renames,
        into=new_entries,
        writes=bool(asker or accept),
    )
    if report.is_written:
        terminal.print_report(render_fix_report(report, run_options.for_commands))
        terminal.print_next_step(f"To see the new plan: {run_options.for_commands.write('plan')}")
    else:
        terminal.print_result(report.diff, is_file=True)
        terminal.print_message(render_notes(report))
    return report.exit_code


class _Asker(ReadingWatcher):
    """Asks a person on the terminal."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal)

    def on_questions(self, review: Review) -> None:
        """Print what is asked about, and what can be typed."""
        self.terminal.print_message(f"{render_introduction(review)}\n\n{_HELP}")

    def ask(self, question: Question) -> Reply | None:
        """Return what a person chooses; None to end. To delete a group, the number of its contacts must be typed."""
        self.terminal.print_message(f"\n{render_question(question)}")
        replies: dict[str, Reply | None] = {}
        for answer in question.answers:
            replies[answer.key] = Reply(key=answer.key)
            if answer.repeats:
                replies[f"{answer.key}a"] = Reply(key=answer.key, is_for_rest=True)
        if question.answers[0].repeats:
            replies["a"] = Reply(key=question.answers[0].key, is_for_rest=True)
        replies |= {"s": SKIP, "sa": Reply(key=None, is_for_rest=True), "q": None}
        while True:
            reply = replies[ask_choice(self.terminal, replies)]
            chosen = question.find_answer(reply.key) if reply and reply.key else None
            if chosen and not self._is_confirmed(chosen):
                continue
            if reply and reply.is_for_rest:
                self.terminal.print_message(f"  The same for all {question.kind.value}.")
            return reply

    def _is_confirmed(self, answer: FixAnswer) -> bool:
        """Return whether the answer deletes nothing, or the number of contacts is typed."""
        if answer.number is None:
            return True
        if ask_number(self.terminal, answer.number, prompt="Type the number of contacts to confirm"):
            return True
        self.terminal.print_message("  That is another number. Nothing is deleted.")
        return False
