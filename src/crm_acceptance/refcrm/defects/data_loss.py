"""Planted losses: what was acknowledged and is not there, or is there twice. Each is felt elsewhere."""

from __future__ import annotations

from .defect import Defect, kind, scenarios

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
    *scenarios(
    ("transfer_drops_followups", "SALES-004", "转移客户后跟进丢失", "Follow-ups get lost in a transfer",
     "sales/kept::test_客户换了* sales/kept_en::*followups*"),
    ("release_drops_followups", "SALES-004", "退回公海后跟进丢失", "Follow-ups get lost in the public pool",
     "sales/kept::test_退回公海*"),
    ("transfer_forgets_contacts", "SALES-005", "转移客户时联系人留在原处", "A transfer leaves the contacts behind"),
    ("export_drops_emoji_rows", "SALES-014", "导出丢掉含表情符号的记录", "An export skips records with emoji",
     "sales/export::test_带表情*"),
    ("export_cuts_long_text", "SALES-014", "导出截断长文字", "An export cuts long texts",
     "sales/export::test_长备注*"),
    ("import_swallows_bad_row", "MKT-003", "导入失败的行没有告知", "An import is silent about bad rows",
     "marketing/figures::test_电话写错* marketing/campaigns::test_在页面上导入* marketing/campaigns_en::*every_good*"),
    ("attachment_name_collision", "SALES-015", "同名附件互相覆盖", "Attachments of one name overwrite each other",
     "sales/kept::test_两个客户*"),
    ("key_answers_other_payment", "FIN-006", "流水号相同的另一笔回款被当作重复",
     "Another payment under the same key is swallowed", "finance/cents::test_流水号* finance/cents_en::*"),
    ("lead_doubled_on_retry", "SALES-018", "重复提交的线索变成两条", "A retried lead is doubled"),
    ("quote_not_marked_ordered", "SALES-010", "订单已建，报价没有标记为已下单",
     "The order is made, the quote not marked",
     "sales/quote_changes::test_生成订单后* sales/quotes::test_一份报价* sales/quotes_en::*an_order*"),
    ("audit_lost_beside_another", "IT-001", "两人同时修改时少记一条日志", "Of two changes at once one is not logged",
     "it/traces::test_两人同时*"),
    ("rare_characters_lost", "SALES-001", "生僻字和表情符号变成问号", "Rare characters turn into question marks",
     "sales/kept::test_生僻字*"),
    ("long_text_cut", "SALES-001", "长备注被悄悄截断", "Long notes are cut silently",
     "sales/kept::test_长备注*"),
    ("assign_drops_note", "MKT-004", "分配线索后备注丢失", "An assigned lead loses its note",
     "marketing/figures::test_分配给* marketing/figures_en::*assigned*"),
    ("delete_takes_customer_along", "IT-008", "删除线索时连同客户一起删除", "Deleting a lead takes its customer along"),
    ),
)  # fmt: skip
