"""Tells people what a draft holds, how sure it is, and what to do next. It writes no file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from crm_acceptance.drafting.drafts import Draft, ObjectDraft
from crm_acceptance.drafting.routes import CRUD
from crm_acceptance.drafting.words import CORE
from crm_acceptance.drafting.writing import GUESSED, numbered
from crm_acceptance.systems.rest.canonical import OBJECTS

SHOWN = 12


def told(draft: Draft, out: Path, written: str) -> Iterator[str]:
    """The summary, line by line, Chinese first."""
    core = [one for one in draft.objects if one.name in CORE]
    yield f"读到 {draft.operations} 个接口 operations，认出 {len(core)}/{len(CORE)} 个核心对象 core objects："
    lines = numbered(written, (f"objects.{one.name}" for one in draft.objects))
    for one in draft.objects:
        yield _object(one, lines.get(f"objects.{one.name}", 0))
    pages = [
        one.header.rpartition(".")[2] for one in draft.sections if re.fullmatch(r"screens\.objects\.\w+", one.header)
    ]
    if pages:
        yield f"录到的页面 pages of the walk: {', '.join(f'{OBJECTS[name].zh} {name}' for name in pages)}"
    absent = [f"{OBJECTS[name].zh} {name}" for name in CORE if name not in {one.name for one in core}]
    if absent and core:
        yield f"没有找到 not found: {', '.join(absent)}"
    if draft.others:
        more = f" …（共 {len(draft.others)}）" if len(draft.others) > SHOWN else ""
        yield f"另有 others, offered as x_…: {', '.join(draft.others[:SHOWN])}{more}"
    yield from _problems(draft)
    yield from _next(draft, out, written)


def _object(one: ObjectDraft, line: int) -> str:
    verbs = "".join("✓" if verb in one.calls else "·" for verb in CRUD)
    extra = [verb for verb in (*one.calls, *one.moves) if verb not in (*CRUD, "count")]
    fields = f"{len(one.fields)}/{len(OBJECTS[one.name].fields)} 字段 fields"
    more = f"，另有 also {' '.join(extra)}" if extra else ""
    return f"  {one.title} {one.name:<12} {one.sure:4.0%}  列读增改删 {verbs}  {fields}{more}  第 {line} 行"


def _problems(draft: Draft) -> Iterator[str]:
    if draft.problems:
        yield f"文档本身有 {len(draft.problems)} 处不对，已跳过 the document is not sound, left out:"
        yield from (f"  - {one}" for one in draft.problems[:SHOWN])
        if len(draft.problems) > SHOWN:
            yield f"  … 还有 {len(draft.problems) - SHOWN} 处 more"


def _next(draft: Draft, out: Path, written: str) -> Iterator[str]:
    todo = [one for one in draft.lacks if not one.startswith("没有找到")]
    if todo:
        yield "还缺 still missing:"
        yield from (f"  - {one}" for one in todo[:SHOWN])
    guesses = written.count(GUESSED)
    heads = numbered(written, ("auth", "people", "paging", "query", "errors", "screens.login"))
    places = "、".join(f"[{name}] 第 {line} 行" for name, line in heads.items())
    yield f"已写入 written: {out}（{guesses} 处猜测 guesses）"
    yield f"下一步 next: 核对 check {places}；"
    yield f'  在 acceptance.toml 写 put into it: system = "…", [tables] mapping = "{out.name}"，contract = ""；'
    yield "  再执行 then: crm-acceptance doctor"
