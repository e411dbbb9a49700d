"""What a planted defect is; which there are is in the modules beside this one."""

from __future__ import annotations

from dataclasses import dataclass

Row = tuple[str, ...]


@dataclass(frozen=True)
class Defect:
    """A switchable fault. `requirements` are the ids that it must disprove, and no other.

    `where`: patterns (fnmatch, on the node id of a check) of the checks that must notice it; without, any check of its
    requirements may. Two defects of one requirement can only be planted together when both say where, differently.
    `paths`: patterns of the operations it touches, "METHOD:/path" as in the OpenAPI document; without, any.
    """

    name: str
    kind: str
    requirements: tuple[str, ...]
    title_zh: str
    title_en: str
    where: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


def kind(kind: str, *rows: Row) -> tuple[Defect, ...]:
    """Rows of (name, requirement ids, Chinese, English[, where[, paths]]); ids and patterns are divided by blanks."""
    return tuple(_defect(kind, *row) for row in rows)


def scenarios(*rows: Row) -> tuple[Row, ...]:
    """The rows with "sales/kept::test_..." of their patterns made "features/sales/kept.feature::test_..."."""
    return tuple((*row[:4], *(_scenarios(where) for where in row[4:])) for row in rows)


def _scenarios(where: str) -> str:
    return " ".join(f"features/{one.replace('::', '.feature::', 1)}" for one in where.split())


def _defect(kind: str, name: str, ids: str, zh: str, en: str, where: str = "", paths: str = "") -> Defect:
    touched = tuple(one.replace(":", " ", 1) for one in paths.split())
    return Defect(name, kind, tuple(ids.split()), zh, en, tuple(where.split()), touched)
