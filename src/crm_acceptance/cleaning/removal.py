"""Removes the records of a journal, children first; whatever stays is told by id and reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from crm_acceptance.cleaning import proof
from crm_acceptance.cleaning.hands import Hands, Tried
from crm_acceptance.cleaning.pieces import ENDINGS, ROUNDS, WITH_PARENT, Cleaned, Left, Piece, hangs_on, rank
from crm_acceptance.cleaning.reading import Entry, Journal, Key, forget, settle
from crm_acceptance.cleaning.searching import beneath, lost
from crm_acceptance.model import Action, Record


@dataclass
class Removal:
    """One journal being worked off. `thorough` looks for every drawn word, also where an answer came."""

    journal: Journal
    hands: Hands
    thorough: bool = False
    say: Callable[[str], None] = lambda _: None
    _pieces: dict[Key, Piece] = field(default_factory=dict)
    _left: dict[Key, str] = field(default_factory=dict)
    _gone: set[Key] = field(default_factory=set)
    _looked: set[Key] = field(default_factory=set)
    _closed: dict[Key, str] = field(default_factory=dict)
    _sure: dict[Key, bool] = field(default_factory=dict)

    def clean(self) -> Cleaned:
        """Everything that can be removed, is. SiteOutOfReach when the site goes away; what is done stays done."""
        self._gone = set(self.journal.gone)
        notices = [*self.hands.present()]
        for entry in self.journal.entries:
            self._take(entry)
        for entry, key, fields in lost(self.journal, self.hands, _Sure(self), self.thorough, notices.append):
            self._pieces.setdefault(key, Piece(key, entry.who, fields))
        for _ in range(ROUNDS):
            if not self._round():
                break
        self._close()
        left = tuple(Left(*key, reason) for key, reason in self._left.items())
        if not left and self.thorough:
            settle(self.journal.folder)
        closed = tuple(Left(*key, reason) for key, reason in self._closed.items())
        removed = len(self._pieces) - len(left) - len(closed)
        return Cleaned(len(self._pieces), removed, left, closed, tuple(notices))

    def _take(self, entry: Entry) -> None:
        for number, key in enumerate(entry.made):
            on = hangs_on(entry) if key[0] in WITH_PARENT else None
            fields = entry.fields if number == 0 and entry.name == "create" else {}
            self._pieces.setdefault(key, Piece(key, entry.who, fields, on))

    def sure(self, key: Key) -> bool:
        """Whether this record is in the journal and still is what it was: an id may belong to another one by now."""
        if key not in self._pieces or key in self._gone:
            return False
        if key not in self._sure:
            self._sure[key] = False  # two records that hang on each other prove nothing
            found = self._seen(self._pieces[key]).outcome
            self._sure[key] = isinstance(found, Record) and self._proven(self._pieces[key], found)
        return self._sure[key]

    def _proven(self, piece: Piece, found: Record) -> bool:
        called = (piece.fields, *({**piece.fields, **now} for now in self.journal.changes.get(piece.key, ())))
        return any(proof.proven(found, self.journal.words, fields, _Sure(self)) for fields in called)

    def _round(self) -> bool:
        """Once over everything that is left; whether anything went."""
        before, self._left = len(self._gone), {}
        for piece in sorted(self._pieces.values(), key=lambda one: rank(one.key[0])):
            if piece.key not in self._gone:
                self._try(piece)
        return bool(self._left) and len(self._gone) > before

    def _try(self, piece: Piece) -> None:
        reason = self._removed(piece)
        if reason:
            self._left[piece.key] = reason
            return
        self._gone.add(piece.key)
        forget(self.journal.folder, piece.key, "gone")
        if len(self._gone) % 50 == 0:
            self.say(f"已清除 removed: {len(self._gone & set(self._pieces))}/{len(self._pieces)}")

    def _removed(self, piece: Piece) -> str:
        """ "" when the record is no more, else why it is still there."""
        if piece.key[0] in WITH_PARENT:
            return self._with_parent(piece)
        if piece.key[0] == "user":
            return self._account(piece)
        seen = self._seen(piece)
        if not isinstance(seen.outcome, Record):
            return "" if seen.missing else seen.reason or "读不出来 it cannot be read"
        if not self._proven(piece, seen.outcome):
            return "这个编号下现在是别的记录，没有动它 another record has this id now: left alone"
        tried = self._delete(piece, seen.outcome)
        if not tried.done and self._ended(piece, tried):
            tried = self._delete(piece, seen.outcome)
        if not tried.done:
            return self._for_want_of_children(piece, tried.reason)
        return "" if self._seen(piece).missing else "系统说已删除，却还在 the CRM said yes, yet it is still there"

    def _seen(self, piece: Piece) -> Tried:
        return self.hands.attempt(Action("read", *piece.key), [piece.who])

    def _delete(self, piece: Piece, found: Record) -> Tried:
        first = [self.hands.cleaner, piece.who, str(found.get("owner") or found.get("assignee") or "")]
        return self.hands.attempt(Action("delete", *piece.key), first)

    def _ended(self, piece: Piece, tried: Tried) -> bool:
        """Many a CRM deletes only what was cancelled or lost before. Ours may be, once; whether it now is."""
        ending = ENDINGS.get(piece.key[0])
        objecting = any(kind in ("conflict", "invalid") for kind, _ in tried.refusals)
        if ending is None or not objecting or piece.key in self._looked:
            return False
        name, options = ending
        return self.hands.attempt(Action(name, *piece.key, options=options), [piece.who, self.hands.cleaner]).done

    def _for_want_of_children(self, piece: Piece, reason: str) -> str:
        """Others may hang on it that no answer has told of: they are ours, because their parent is."""
        if piece.key not in self._looked:
            self._looked.add(piece.key)
            for key in beneath(piece.key, self.hands, piece.who):
                if key not in self._pieces:
                    self._pieces[key] = Piece(key, piece.who)
        return reason

    def _with_parent(self, piece: Piece) -> str:
        if piece.on is None or piece.on in self._gone:
            return ""
        if piece.on in self._pieces:
            return f"随 {piece.on[0]} #{piece.on[1]} 一起保留 stays with its record"
        tried = self.hands.attempt(Action("delete", *piece.key), [self.hands.cleaner, piece.who])
        return "" if tried.done or tried.missing else tried.reason

    def _account(self, piece: Piece) -> str:
        """Many a CRM deletes no account, or only one that owns nothing any more: hence after everything else."""
        tried = self.hands.attempt(Action("delete", *piece.key), [self.hands.cleaner])
        return "" if tried.done or tried.missing else tried.reason

    def _close(self) -> None:
        """Accounts that cannot be deleted are disabled: so they harm nobody, and are told."""
        for key in [key for key in self._left if key[0] == "user"]:
            disabled = self.hands.attempt(Action("disable", *key), [self.hands.cleaner])
            if disabled.done:
                self._closed[key] = f"账号不能删除，已停用 cannot be deleted, is disabled（{self._left.pop(key)}）"
                self._gone.add(key)
                forget(self.journal.folder, key, "disabled")


class _Sure:
    """The records that are surely ours, asked one by one: whoever looks for a parent's id costs a request."""

    def __init__(self, removal: Removal) -> None:
        self._removal = removal

    def __contains__(self, key: object) -> bool:
        return self._removal.sure(key)  # type: ignore[arg-type]
