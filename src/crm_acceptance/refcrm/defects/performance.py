"""Planted slowness: what the first busy morning and the first month's end bring to light. Each is felt elsewhere."""

from __future__ import annotations

from .defect import Defect, kind

MORNING, MONTH_END, MEMORY = "*[[]morning-p95]", "*[[]month_end-p95]", "*[[]month_end-memory]"
EVERYWHERE = "PERF-001 PERF-003"
# The requirements are all that suffer; where it must be noticed is the one peak that shows it best.
DEFECTS: tuple[Defect, ...] = kind(
    "performance",
    (
        "customer_search_scans",
        "PERF-001 PERF-006",
        "客户查询逐行扫描比对",
        "Looking for customers scans row by row",
        MORNING,
    ),
    (
        "order_create_holds_lock",
        "PERF-001 PERF-006",
        "建订单时长时间占用写锁",
        "Creating an order holds the write lock",
        MORNING,
    ),
    (
        "lead_check_grows_with_size",
        "PERF-001",
        "建线索查重随客户数变慢",
        "Checking a new lead slows with the customers",
        f"{MORNING} *[[]morning-lead.create-p50]",
    ),
    (
        "audit_rehashed_each_write",
        "PERF-001 PERF-006",
        "每次写入都重算全部日志",
        "Each write chains the whole audit log anew",
        MORNING,
    ),
    (
        "commit_retry_storm",
        "PERF-001 PERF-006",
        "提交冲突后反复重做",
        "Who is overtaken starts over, again and again",
        MORNING,
    ),
    (
        "locks_in_two_orders",
        "PERF-001",
        "订单与回款互相等锁（死锁）",
        "Orders and payments lock each other out",
        MORNING,
    ),
    (
        "connections_not_given_back",
        "PERF-001 PERF-006",
        "查询后不归还数据库连接",
        "Searches never give their connection back",
        MORNING,
    ),
    (
        "session_scan_each_request",
        f"{EVERYWHERE} PERF-005 PERF-006",
        "每个请求都扫描会话表",
        "Each request scans all sessions",
        MONTH_END,
    ),
    ("list_asks_row_by_row", EVERYWHERE, "列表逐行再查（N+1）", "A list asks again for each row (N+1)", MONTH_END),
    (
        "log_flushed_per_row",
        f"{EVERYWHERE} PERF-006",
        "每行都写日志并落盘",
        "A log line is flushed to disk for each row",
        MONTH_END,
    ),
    (
        "list_serialises_history",
        EVERYWHERE,
        "列表带出并压缩全部历史",
        "Lists carry and pack the whole history",
        MONTH_END,
    ),
    (
        "list_without_paging",
        "PERF-003",
        "列表不分页，全部读出再截取",
        "Lists read everything and cut afterwards",
        MONTH_END,
    ),
    (
        "filter_without_index",
        "PERF-003",
        "筛选字段没有索引",
        "A filter has no index",
        f"{MONTH_END} *[[]month_end-contact.filter-p50]",
    ),
    (
        "sort_in_memory",
        "PERF-003",
        "在内存里逐条比较排序",
        "Sorting is done in memory, record by record",
        f"{MONTH_END} *[[]month_end-opportunity.sort-p50]",
    ),
    (
        "report_cache_stampede",
        "PERF-003",
        "报表缓存过期时人人重算",
        "When a report's cache expires everybody renews it",
        MONTH_END,
    ),
    (
        "report_blocks_everybody",
        "PERF-003 PERF-005",
        "出报表时其他人全部等待",
        "A report keeps everybody else waiting",
        MONTH_END,
    ),
    (
        "exports_one_at_a_time",
        "PERF-003 PERF-005",
        "导出只能一个接一个",
        "Exports wait for each other",
        "*[[]month_end-order.export-p50]",
    ),
    ("exports_kept_in_memory", "PERF-004", "导出文件一直留在内存", "Exports stay in memory for ever", MEMORY),
    ("requests_kept_in_memory", "PERF-004", "每个请求都留在内存里", "Every request stays in memory", MEMORY),
)
