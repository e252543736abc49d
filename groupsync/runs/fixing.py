"""The questions one after the other: each answer changes the texts in memory, and the plan is made again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct, field

from groupsync.config.load import load_texts
from groupsync.display import first_lines, quote
from groupsync.editing import AddEntry, Refusal, SetKey, find_file
from groupsync.fixes.context import FixContext
from groupsync.fixes.find import find_questions
from groupsync.fixes.lines import write_lines
from groupsync.fixes.origins import NO_ORIGINS, follow_entries
from groupsync.fixes.report import FixReport, Unwritten
from groupsync.model.config import GroupEntry, RemovedId, RemovedName
from groupsync.planfile.digest import list_effects
from groupsync.planner import find_changes
from groupsync.runs.edits import make_writes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from groupsync.editing import Edit, FileWrite
    from groupsync.fixes.question import FixAnswer, Kind, Question, Reply
    from groupsync.model.backup import BackupSummary
    from groupsync.model.config import Config, Removal
    from groupsync.model.groups import GroupId, LiveGroup, Source
    from groupsync.model.review import Review
    from groupsync.planfile.digest import Effect

    Pair: TypeAlias = tuple[Question, FixAnswer]
    Ask: TypeAlias = Callable[[Question], Reply | None]
    Origins: TypeAlias = Mapping[Source, Source | None]
    MakeReview: TypeAlias = Callable[[Config, Sequence[str]], Review]  # the second are the arguments of --exclude

_MOST_SURPRISES = 3
_NO_FILE = "the configuration has several files: name the one for new entries with --into FILE"


class FixFacts(Struct, frozen=True, kw_only=True):
    """What stays the same while questions are asked.

    `protected` are the patterns of the environment, `backups` the newest backup of each lost id. `new_entries` is the
    file for new entries, empty if none is chosen. `obstacles` says of files that cannot be written why.
    """

    live: Sequence[LiveGroup]
    protected: Sequence[str] = ()
    backups: Mapping[GroupId, BackupSummary] = field(default_factory=dict)
    new_entries: str = ""
    obstacles: Mapping[str, str] = field(default_factory=dict)


class Fixing:
    """The configuration as the answers so far make it, in memory, and the questions about its plan.

    `config` and `review` are those of now. `steps` are the writes that the answers need, one after the other.
    """

    def __init__(self, config: Config, facts: FixFacts, make_review: MakeReview) -> None:
        self.config = config
        self._facts = facts
        self._make_review = make_review
        self._promised: frozenset[GroupId] = frozenset()
        self._origins = NO_ORIGINS
        self._done: set[str] = set()
        self._for_rest: dict[Kind, Reply] = {}
        self._unwritten: list[tuple[Question, FixAnswer, str]] = []
        self._backups: list[str] = []
        self._answered = 0
        self._skipped = 0
        self.steps: list[FileWrite] = []
        self._plan_again()

    def ask_all(self, ask: Ask) -> None:
        """Ask until there is no question left, or until there is no reply."""
        while question := self._find_next():
            reply = self._find_reply(question) or ask(question)
            if reply is None:
                return
            if reply.is_for_rest:
                self._for_rest[question.kind] = reply
            if reply.key is None:
                self._skip(question)
            else:
                self._answer(self._list_pairs(question, reply.key))

    def report(self, diff: str, *, is_written: bool) -> FixReport:
        """Return what was done."""
        unwritten = tuple(self._list_unwritten())
        edits = dict.fromkeys(edit for one in unwritten for edit in one.answer.edits)
        return FixReport(
            review=self.review,
            answered=self._answered,
            skipped=self._skipped,
            unwritten=unwritten,
            by_hand=write_lines(self.config, tuple(edits)),
            backups=tuple(dict.fromkeys(self._backups)),
            diff=diff,
            is_written=is_written,
        )

    def _find_next(self) -> Question | None:
        return next((question for question in self.questions if question.subject not in self._done), None)

    def _skip(self, question: Question) -> None:
        self._done.add(question.subject)
        self._skipped += 1

    def _find_reply(self, question: Question) -> Reply | None:
        """Return the reply that somebody gave for all questions of the kind, if this question has that answer."""
        reply = self._for_rest.get(question.kind)
        if reply is None or reply.key is None:
            return reply
        answer = question.find_answer(reply.key)
        return reply if answer and answer.repeats else None

    def _list_pairs(self, question: Question, key: str) -> list[Pair]:
        """Return the question with its answer, and the other questions that get the same answer."""
        answer = question.find_answer(key)
        if answer is None:
            raise ValueError(f"{key!r} is not an answer to: {' '.join(question.lines)}")
        pairs = [(question, answer)]
        if question.kind in self._for_rest and answer.repeats:
            others = (one for one in self.questions if one.kind is question.kind and one.subject not in self._done)
            found = ((one, one.find_answer(key)) for one in others if one is not question)
            pairs += [(one, same) for one, same in found if same and same.repeats]
        return pairs

    def _answer(self, pairs: Sequence[Pair]) -> None:
        """Take as many of the answers as can be taken together, or note why the first one cannot be."""
        number = len(pairs)
        while reason := self._try(pairs[:number]):
            if number == 1:
                self._unwritten.append((*pairs[0], reason))
                break
            number //= 2
        self._done.update(question.subject for question, _ in pairs[:number])

    def _try(self, pairs: Sequence[Pair]) -> str:
        """Take the answers to these questions, or return why nothing is taken."""
        edits = [edit for _, answer in pairs for edit in answer.edits]
        config = self.config
        if obstacle := self._find_obstacle(edits):
            return obstacle
        writes = make_writes(config, edits)
        if isinstance(writes, Refusal):
            return writes.reason
        texts = dict(config.texts) | {write.file: write.new for write in writes}
        new = load_texts(texts, job_scope=config.job_scope)
        if surprises := self._find_surprises(pairs, new):
            return f"it would also {' and '.join(first_lines(surprises, _MOST_SURPRISES, '{:,} more'))}"
        self._promised = self._promised.union(*(answer.asks_next for _, answer in pairs))
        self._backups += [file for _, answer in pairs for file in answer.backups]
        self._answered += len(pairs)
        self.steps += writes
        self._origins = follow_entries(self._origins, config, edits, new)
        self.config = new
        self._plan_again()
        return ""

    def _find_obstacle(self, edits: Sequence[Edit]) -> str:
        """Return why these edits are not made, whatever their plan is; empty if nothing prevents them."""
        accounts = len(self.config.accounts)
        if accounts > 1 and any(map(_writes_id, edits)):
            return f"the configuration is for {accounts} accounts, and the id of a group belongs to one"
        files = list(dict.fromkeys(map(find_file, edits)))
        if "" in files:
            return _NO_FILE
        obstacles = self._facts.obstacles
        return next((obstacles[file] for file in files if file in obstacles), "")

    def _find_surprises(self, pairs: Sequence[Pair], new: Config) -> list[str]:
        """Return what the plan of the new configuration does that nobody was shown."""
        asked = frozenset().union(*(question.group_ids for question, _ in pairs))
        shown = frozenset().union(*(answer.shows for _, answer in pairs))
        before = {effect for effect in self._list_effects(self.config) if effect[1] not in asked}
        return [_describe_effect(effect) for effect in sorted(set(self._list_effects(new)) - before - shown)]

    def _list_effects(self, config: Config) -> Iterable[Effect]:
        return list_effects(find_changes(config, self._facts.live))

    def _plan_again(self) -> None:
        self.review = self._make_review(self.config, ())
        self.questions = self._list_questions(self._origins)

    def _list_questions(self, origins: Origins) -> tuple[Question, ...]:
        """Return the questions about the plan of now, with the lines that entries have by these origins."""
        questions = self._find_questions(self.review, origins)
        if self.review.plan.problems:  # they hide what the rest of the plan suggests or refuses
            subjects = {question.subject for question in questions}
            rest = self._find_questions(self._make_review(self.config, self._list_entries_with_problems()), origins)
            questions += tuple(question for question in rest if question.subject not in subjects)
        return questions

    def _list_entries_with_problems(self) -> Sequence[str]:
        """Return the ids of the entries that prevent a plan, and the names of those without an id."""
        sources = {problem.source for problem in self.review.plan.problems}
        entries = [entry for entry in (*self.config.groups, *self.config.removed) if entry.source in sources]
        return [_name_entry(entry) for entry in entries]

    def _find_questions(self, review: Review, origins: Origins) -> tuple[Question, ...]:
        context = FixContext(
            config=self.config,
            review=review,
            backups=self._facts.backups,
            new_entries=self._facts.new_entries,
            protected=self._facts.protected,
            promised=self._promised,
            origins=origins,
        )
        return find_questions(context)

    def _list_unwritten(self) -> Iterable[Unwritten]:
        """Yield the answers that were not taken, with lines of the texts of now; not those that are settled since."""
        questions = self._list_questions(NO_ORIGINS) if self._unwritten else ()
        now = {question.subject: question for question in questions}
        for question, answer, reason in self._unwritten:
            same = now.get(question.subject)
            found = same.find_answer(answer.key) if same else None
            if same and found:
                yield Unwritten(question=same, answer=found, reason=reason)


def _writes_id(edit: Edit) -> bool:
    match edit:
        case AddEntry():
            return "id" in dict(edit.values)
        case SetKey():
            return edit.key == "id"
        case _:
            return False


def _name_entry(entry: GroupEntry | Removal) -> str:
    match entry:
        case GroupEntry(id=None, name=name) | RemovedName(name=name):
            return name
        case GroupEntry(id=group_id) | RemovedId(id=group_id):
            return str(group_id)


def _describe_effect(effect: Effect) -> str:
    kind, _, before, after = effect
    match kind:
        case "create":
            return f"create {quote(after)}"
        case "rename":
            return f"rename {quote(before)} to {quote(after)}"
        case _:
            return f"delete {quote(before)}"
