"""Runs the `pulumi` command for the stack of an environment, without questions, and keeps what it prints."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from envs.errors import CommandError, Exit
from envs.stack.state import Protected, StackState, parse_protected, parse_state, without_pending

# Names of lines of the engine that do not explain a failure.
_NOISE = ("Traceback", "  File ", "    ", "KeyboardInterrupt", "warning: ")
_LAST = 30  # lines of a failure that are shown


@dataclass(frozen=True, slots=True)
class Stack:
    """The stack `name` of the Pulumi project in `folder`."""

    folder: Path
    name: str

    def state(self) -> StackState:
        """Export the state; raises CommandError."""
        return parse_state(self._succeed("stack", "export"))

    def protected(self) -> list[Protected]:
        """List what Pulumi refuses to delete; raises CommandError."""
        return parse_protected(self._succeed("stack", "export"))

    def unprotect(self, urns: Sequence[str]) -> None:
        """Take the protection off some resources; raises CommandError."""
        self._succeed("state", "unprotect", *urns, "--yes")

    def cancel(self) -> None:
        """Remove the lock of a run that no longer exists; raises CommandError."""
        self._succeed("cancel", "--yes", named=False)

    def forget_pending(self) -> None:
        """Take operations that a killed run left under way out of the state; raises CommandError.

        Otherwise the engine keeps them and warns in every run. `complete` carries them out whatever their result: it
        takes over what was created, and updates or deletes what is still in the state.
        """
        text = self._succeed("stack", "export")
        if parse_state(text).pending:
            self._succeed("stack", "import", given=without_pending(text))

    def complete(self) -> str:
        """Run `pulumi up`, taking over existing objects; returns the reason of a failure, or an empty text."""
        done = self._run(
            ["up", "--yes", "--skip-preview", "--suppress-outputs", "--suppress-progress", *self._named],
            {"PULUMI_K8S_UPSERT_EXISTING_OBJECTS": "true"},
        )
        return "" if done.returncode == 0 else failure_of(done.stdout + done.stderr)

    @property
    def _named(self) -> list[str]:
        return ["--stack", self.name]

    def _succeed(self, *words: str, named: bool = True, given: str = "") -> str:
        done = self._run([*words, *(self._named if named else [self.name])], {}, given)
        if done.returncode != 0:
            text = failure_of(done.stderr or done.stdout)
            raise CommandError(f"pulumi {words[0]}: {text}", Exit.OUTSIDE_FAILED)
        return done.stdout

    def _run(
        self, words: list[str], variables: Mapping[str, str], given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(  # noqa: S603 an argument list, no shell
                ["pulumi", "--non-interactive", "--color", "never", *words],  # noqa: S607 the user's own
                cwd=self.folder,
                env={**os.environ, **variables, "PULUMI_SKIP_UPDATE_CHECK": "1"},
                input=given,
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            message = f"pulumi cannot be run: {error.strerror}; install it, or put it on PATH"
            raise CommandError(message, Exit.OUTSIDE_FAILED) from error


def failure_of(text: str) -> str:
    """Keep the lines that explain a failure; the engine prints the traceback of the program it has stopped."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    told = [line.strip() for line in lines if "error:" in line]
    kept = told or [line for line in lines if not line.startswith(_NOISE)]
    return "\n".join(dict.fromkeys(kept[-_LAST:])) or "it ended without a message"
