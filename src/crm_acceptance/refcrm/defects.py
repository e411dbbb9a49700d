"""The planted defects: each with its kind, the requirements it breaks, and whether it is on. Each is felt elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Defect:
    """A switchable fault. `requirements` are the ids that it must disprove, and no other."""

    name: str
    kind: str
    requirements: tuple[str, ...]
    title_zh: str
    title_en: str


def _kind(kind: str, *rows: tuple[str, str, str, str]) -> tuple[Defect, ...]:
    return tuple(Defect(name, kind, tuple(ids.split()), zh, en) for name, ids, zh, en in rows)


DEFECTS: tuple[Defect, ...] = (
    *_kind(
        "functional",
        ("lead_source_dropped", "SALES-001", "登记线索时来源没有保存", "A new lead loses its source"),
        ("convert_forgets_contact", "SALES-002", "线索转化时没有建立联系人", "Converting a lead creates no contact"),
        (
            "duplicate_check_exact_only",
            "SALES-003",
            "查重只比对完全相同的写法",
            "The duplicate check compares raw text",
        ),
        ("stage_reopens", "SALES-007", "已赢单或输单的商机还能改阶段", "A closed opportunity can be moved again"),
        ("quote_ignores_discount", "SALES-008", "报价总价没有扣除折扣", "A quote's total ignores the discount"),
        ("approval_skipped", "SALES-009", "超过 10% 的折扣未经审批即通过", "Large discounts pass without approval"),
        ("quote_ordered_twice", "SALES-010", "同一报价可以重复下单", "One quote can be ordered twice"),
        ("sort_amount_as_text", "SALES-011", "金额按文字而不是数值排序", "Amounts are sorted as text"),
        (
            "paging_repeats_row",
            "SALES-012",
            "翻页时上一页的末行重复出现",
            "A page repeats the last row of the one before",
        ),
        ("count_ignores_filter", "SALES-013", "计数没有应用筛选条件", "The count ignores the filter"),
        ("payment_over_amount", "FIN-002", "回款可以超过订单金额", "Payments may exceed the order"),
        ("invoice_over_amount", "FIN-003", "开票可以超过订单金额", "Invoices may exceed the order"),
        ("receivables_include_cancelled", "FIN-007", "已取消订单仍计入应收", "Cancelled orders stay in receivables"),
        ("ticket_closes_unresolved", "SVC-002", "未解决的工单可以关闭", "An unresolved ticket can be closed"),
        ("due_ignores_priority", "SVC-004", "工单时限不随优先级变化", "A ticket's deadline ignores its priority"),
        (
            "campaign_count_wrong",
            "MKT-002",
            "市场活动的线索数漏计未转化的线索",
            "A campaign counts converted leads only",
        ),
        ("pipeline_counts_lost", "MGT-003", "销售漏斗把输单也算在内", "The pipeline counts lost opportunities"),
        ("cancel_after_payment", "SALES-017 FIN-007", "已收款的订单仍可取消", "A paid order can be cancelled"),
    ),
    *_kind(
        "cross-department",
        ("tax_number_lost_for_finance", "FIN-005", "税号没有传到财务", "The tax number does not reach finance"),
        ("orders_hidden_from_service", "SVC-003", "客服查不到客户的订单", "Service cannot see a customer's orders"),
        (
            "rename_not_synced",
            "E2E-002",
            "客户改名后其他部门仍看到旧名",
            "Other departments keep a customer's old name",
        ),
        ("ticket_hidden_from_sales", "SVC-005", "销售看不到自己客户的工单", "Sales cannot see own customers' tickets"),
        (
            "assigned_lead_invisible",
            "MKT-004",
            "分配的线索不出现在销售的列表里",
            "An assigned lead is not in the list of sales",
        ),
        ("campaign_lost_in_order", "E2E-003", "订单丢失市场活动来源", "An order loses its campaign"),
        (
            "order_stays_with_sales",
            "FIN-005",
            "新订单不出现在财务的列表里",
            "New orders are not in the list of finance",
        ),
    ),
    *_kind(
        "permission",
        ("list_ignores_scope", "SEC-003", "列表、计数、合计不限数据范围", "Lists, counts and sums ignore the scope"),
        ("read_ignores_scope", "SEC-002", "按编号可读取他人记录", "Records of others can be read by id"),
        ("export_ignores_scope", "SEC-004", "导出不限数据范围", "Exports ignore the scope"),
        ("update_ignores_scope", "SEC-005", "可以修改、删除、转移他人记录", "Records of others can be changed"),
        ("mask_missing_in_export", "SEC-006", "导出文件中的手机号没有掩码", "Exports show masked fields in plain"),
        ("payment_by_anyone", "SEC-007", "非财务人员也能登记回款", "Anybody can register payments"),
        ("approve_by_anyone", "SEC-009", "销售可以审批自己的折扣", "A salesperson can approve a discount"),
        ("attachment_open", "SEC-011", "任何人都能下载附件", "Anybody can download an attachment"),
        ("owner_mass_assignment", "SEC-013", "请求体里的负责人被直接采用", "The request's owner is taken over"),
        ("audit_open", "SEC-010", "非 IT 人员可查看操作日志", "Anybody can read the audit log"),
        ("old_owner_keeps_access", "SEC-014", "转移后原负责人仍能访问", "The former owner keeps access"),
        ("export_without_login", "SEC-001", "未登录也能导出", "Exports need no login"),
        ("marketer_sees_orders", "SEC-008", "市场人员能看到订单", "Marketing can see orders"),
        (
            "session_survives_disabling",
            "IT-002",
            "停用账号后已登录的会话仍有效",
            "A disabled account's session stays alive",
        ),
        ("logout_keeps_token", "IT-005", "退出后令牌仍有效", "The token outlives the sign-out"),
    ),
    *_kind(
        "performance",
        ("customer_search_scans", "PERF-001", "客户查询逐行扫描比对", "Looking for customers scans row by row"),
        ("order_create_holds_lock", "PERF-001", "建订单时长时间占用写锁", "Creating an order holds the write lock"),
    ),
    *_kind(
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
    ),
)
KNOWN = {defect.name: defect for defect in DEFECTS}
_on: set[str] = set()


def active(name: str) -> bool:
    """Whether that defect is switched on now."""
    return name in _on


def switch(name: str, on: bool) -> None:
    """Turn one defect on or off. Raises KeyError for an unknown name."""
    (_on.add if on else _on.discard)(KNOWN[name].name)


def unknown(names: Iterable[str]) -> list[str]:
    """Those of the names that no defect carries."""
    return [name for name in names if name not in KNOWN]
