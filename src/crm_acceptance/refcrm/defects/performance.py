"""Planted slowness: what the first busy morning brings to light. Each is felt elsewhere."""

from __future__ import annotations

from .defect import Defect, kind

DEFECTS: tuple[Defect, ...] = kind(
    "performance",
    ("customer_search_scans", "PERF-001", "客户查询逐行扫描比对", "Looking for customers scans row by row"),
    ("order_create_holds_lock", "PERF-001", "建订单时长时间占用写锁", "Creating an order holds the write lock"),
)
