"""Planted defects of the business's own rules, within a department and across them. Each is felt elsewhere."""

from __future__ import annotations

from .defect import Defect, kind

DEFECTS: tuple[Defect, ...] = kind(
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
    ("campaign_lost_in_order", "E2E-003 MKT-005", "订单丢失市场活动来源", "An order loses its campaign"),
    (
        "order_stays_with_sales",
        "FIN-005",
        "新订单不出现在财务的列表里",
        "New orders are not in the list of finance",
    ),
)
