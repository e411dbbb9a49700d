"""Files: attached, listed, downloaded byte for byte; and the export, which must hold what was created."""

from __future__ import annotations

from dataclasses import replace

from crm_acceptance.doctoring import answers
from crm_acceptance.doctoring.bench import Bench
from crm_acceptance.doctoring.findings import BROKEN, DENIED, WORKS, Finding
from crm_acceptance.doctoring.visit import Guest, Tried, Visit
from crm_acceptance.doctoring.why_calls import (
    address,
    exchange_of,
    no_such,
    place_of_rows,
    said,
    unexpected,
    works,
)
from crm_acceptance.model import Action, Page, Record

BODY = "验收附件 a trial file\n".encode() + bytes(range(64))


def attachments(visit: Visit, whole: Bench, guest: Guest | None = None, id: str = "") -> None:
    """One small file, up and down again, by this person at this record."""
    bench = replace(whole, guest=guest or whole.guest, ids=[id or whole.ids[0]])
    object = bench.object
    if "attach" not in object.calls:
        return
    name = f"{bench.mark}.bin"
    options = {"filename": name, "body": BODY}
    tried = visit.attempt(bench.guest, Action("attach", object.name, bench.ids[0], options=options))
    if not _marked(visit, bench, "attach", tried, _why_not_attached):
        return
    id = tried.outcome.id if isinstance(tried.outcome, Record) else ""
    if "attachments" in object.calls:
        listed = visit.attempt(bench.guest, Action("attachments", object.name, bench.ids[0]))
        if _marked(visit, bench, "attachments", listed, _why_not_listed) and isinstance(listed.outcome, Page):
            id = id or next((row.id for row in listed.outcome.rows), "")
            _listed(visit, bench, listed.outcome, id)
    if not id:
        visit.chart.find(_no_id(visit, bench, tried))
    elif "download" in object.calls:
        _downloaded(visit, bench, id)


def _no_id(visit: Visit, bench: Bench, tried: Tried) -> Finding:
    """The file is there, its id is not where it is read."""
    spec = bench.object.calls["attach"]
    exchange = exchange_of(visit, spec, tried.exchanges)
    record = answers.at(exchange.answer, spec.record or "") if exchange and exchange.answer else None
    likely = answers.find_ids(record)
    hint = f'[objects.attachment] id = "{likely[0]}"？' if likely else "是不是 record 不对（record wrong?）？"
    where = "objects.attachment.id" if "attachment" in visit.mapping.objects else f"{spec.where}.record"
    return visit.finding(
        where, f"附件传上去了，读不到它的编号（no id of the file）。{hint}有 keys: {answers.keys(record)}。"
    )


def _marked(visit: Visit, bench: Bench, verb: str, tried: Tried, why: object) -> bool:
    object, key = bench.object, bench.guest.key
    if not tried.kind:
        visit.chart.mark(object.name, verb, key, WORKS)
    elif tried.kind == "denied":
        visit.chart.mark(object.name, verb, key, DENIED, str(tried.no))
    else:
        assert callable(why)
        visit.chart.mark(object.name, verb, key, BROKEN, why(visit, bench, tried))
    return not tried.kind


def _why_not_attached(visit: Visit, bench: Bench, tried: Tried) -> Finding:
    spec = bench.object.calls["attach"]
    exchange = exchange_of(visit, spec, tried.exchanges)
    if exchange is None or exchange.answer is None:
        return unexpected(visit, spec, tried, bench.object)
    if no_such(visit, tried.guest, exchange):
        return address(visit, spec, exchange)
    if exchange.answer.status in (400, 415, 422) and exchange.call.files:
        field = next(iter(exchange.call.files))
        words = [one for one in answers.words(exchange.answer.text) if one.islower() and one != field]
        return visit.finding(
            f"{spec.where}.files.{field}",
            f"上传被拒：{said(exchange.answer)}；发了 {field}，系统说 {', '.join(words[:6])}（another name?）。",
        )
    return unexpected(visit, spec, tried, bench.object)


def _why_not_listed(visit: Visit, bench: Bench, tried: Tried) -> Finding:
    spec = bench.object.calls["attachments"]
    exchange = exchange_of(visit, spec, tried.exchanges)
    if exchange and exchange.answer and works(visit, exchange.answer):
        found = place_of_rows(visit, spec, exchange.answer)
        if found:
            return found
    return unexpected(visit, spec, tried, bench.object)


def _listed(visit: Visit, bench: Bench, page: Page, id: str) -> None:
    if id not in [row.id for row in page.rows]:
        spec = bench.object.calls["attachments"]
        visit.chart.find(
            visit.finding(f"{spec.where}.rows", f"附件列表里没有刚传的文件 {id}（the new file is not listed）。")
        )


def _downloaded(visit: Visit, bench: Bench, id: str) -> None:
    action = Action("download", bench.object.name, bench.ids[0], options={"attachment": id})
    tried = visit.attempt(bench.guest, action)
    spec = bench.object.calls["download"]
    if not _marked(visit, bench, "download", tried, lambda v, b, t: _why_plain(v, b, "download", t)):
        return
    if tried.outcome != BODY:
        size = len(tried.outcome) if isinstance(tried.outcome, bytes) else 0
        finding = visit.finding(f"{spec.where}.call", f"下载的 {size} 字节不是上传的 {len(BODY)} 字节（other bytes）。")
        visit.chart.mark(bench.object.name, "download", bench.guest.key, BROKEN, finding)


def _why_plain(visit: Visit, bench: Bench, verb: str, tried: Tried) -> Finding:
    spec = bench.object.calls[verb]
    exchange = exchange_of(visit, spec, tried.exchanges)
    if exchange and no_such(visit, tried.guest, exchange):
        return address(visit, spec, exchange)
    return unexpected(visit, spec, tried, bench.object)


def export(visit: Visit, bench: Bench) -> None:
    """The export holds our records."""
    object = bench.object
    if "export" not in object.calls:
        return
    tried = visit.attempt(bench.guest, Action("export", object.name))
    if not _marked(visit, bench, "export", tried, lambda v, b, t: _why_plain(v, b, "export", t)):
        return
    body = tried.outcome if isinstance(tried.outcome, bytes) else b""
    texts = [str(value) for value in bench.drafts[0].values() if bench.mark in str(value)]
    if (
        texts
        and body[:2] != b"PK"
        and not any(text.encode(code) in body for text in texts for code in ("utf-8", "gbk"))
    ):
        spec = object.calls["export"]
        finding = visit.finding(
            f"{spec.where}.call", f"导出的 {len(body)} 字节里没有 {texts[0]}（our record is not in it）。"
        )
        visit.chart.mark(object.name, "export", bench.guest.key, BROKEN, finding)
