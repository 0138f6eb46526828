"""The error tree: every way a run can stop with one line for the user.

::

    BetterAuthError             one line: what, where, what to type
    ├── UsageError              the command line cannot be understood (exit 2)
    ├── AnswerError             an answer, or a set of answers, that cannot work
    ├── EnvironmentProblem      this machine lacks something (Node, git, a package)
    ├── AmbiguousProjectError   several applications, and nothing says which
    ├── DirtyRepositoryError    uncommitted changes that a run could be mixed up with
    ├── BusyError               another run is at work in the same folder
    ├── ConstitutionError       a plan breaks a principle, so it was not applied
    ├── DriftError              a file changed between planning and applying or undoing
    ├── SchemaError             what better-auth stores cannot be followed
    ├── ApplyError              writing failed; everything was put back
    ├── UpdateError             an update that would lose work; everything was put back
    └── NothingToUndoError      no earlier run is recorded here
"""

from __future__ import annotations

from .syntax.visible import visible


class BetterAuthError(Exception):
    """The root of every expected failure; its text is what the user reads.

    One line as a rule; each further argument is a line more. What a repository has put
    into one, a line break or a terminal's escape, is shown as text.
    """

    def __str__(self) -> str:
        """Return the lines, as a terminal may show them."""
        return "\n".join(visible(str(line)) for line in self.args)


class UsageError(BetterAuthError):
    """The command line cannot be understood."""


class AnswerError(BetterAuthError):
    """An answer that cannot work; names the question and an example."""


class EnvironmentProblem(BetterAuthError):  # noqa: N818 - the machine's, not the program's
    """Something that a run needs is missing on this machine."""


class AmbiguousProjectError(BetterAuthError):
    """More than one application could be meant."""


class DirtyRepositoryError(BetterAuthError):
    """The repository has uncommitted changes."""


class BusyError(BetterAuthError):
    """Another run is at work in the same folder."""


class ConstitutionError(BetterAuthError):
    """A plan breaks a principle of the constitution."""


class DriftError(BetterAuthError):
    """A file is not what it was when it was planned for."""


class SchemaError(BetterAuthError):
    """better-auth's configuration cannot be read, or stores what cannot be followed."""


class ApplyError(BetterAuthError):
    """Writing failed half-way, and what had been written was put back."""


class UpdateError(BetterAuthError):
    """An update would lose lines that its user has written."""


class NothingToUndoError(BetterAuthError):
    """No earlier run is recorded here."""
