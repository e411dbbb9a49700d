"""Planted losses: what was acknowledged and is not there, or is there twice. Each is felt elsewhere."""

from __future__ import annotations

from .defect import Defect, kind

DEFECTS: tuple[Defect, ...] = kind(
    "data-loss",
    ("payment_doubled_on_retry", "FIN-006", "重复提交的回款被记两次", "A retried payment is booked twice"),
    ("handover_drops_opportunities", "MGT-002", "离职交接遗漏商机", "A hand-over forgets opportunities"),
    ("import_drops_last_row", "MKT-003", "导入丢失最后一行", "An import loses the last row"),
    ("export_stops_at_page", "SALES-014", "导出只有第一页", "An export stops after one page"),
    ("attachment_truncated", "SALES-015", "附件保存不完整", "Attachments are cut short"),
    ("followup_overwritten", "SALES-004", "新的跟进覆盖旧的", "A new follow-up replaces the last"),
    ("pool_double_claim", "SALES-016", "同一公海客户可被两人领取", "Two people can claim one pool customer"),
    ("concurrent_edit_overwrites", "IT-007", "并发修改互相覆盖", "Concurrent edits overwrite each other"),
    ("audit_misses_transfer", "IT-001", "转移没有写入操作日志", "Transfers are missing in the audit log"),
    (
        "write_lost_under_load",
        "PERF-002",
        "高峰时已确认的新建记录丢失",
        "Acknowledged creates get lost at the peak",
    ),
)
