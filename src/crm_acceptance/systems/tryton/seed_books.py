"""Seeds what finance needs before the first sale: company, yuan, chart of accounts, fiscal years, a way to be paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from crm_acceptance.systems.tryton.wire import Wire

COMPANY = "云杉软件（验收样板）有限公司"


@dataclass(frozen=True)
class Books:
    """The ids that sales and seeds refer to."""

    company: int
    party: int
    currency: int
    product: int
    unit: int


def seed_books(wire: Wire) -> Books:
    """Creates company and books; `wire` is logged in as Tryton's administrator."""
    currency = wire.create("currency.currency", _yuan())[0]
    party = wire.create("party.party", {"name": COMPANY, "addresses": [["create", [{"street": "科技园路 1 号"}]]]})[0]
    company = wire.create("company.company", {"party": party, "currency": currency, "timezone": "Asia/Shanghai"})[0]
    admin = wire.one("res.user", [["login", "=", "admin"]])
    wire.call("model.res.user.write", [admin], {"companies": [["add", [company]]], "company": company})
    wire.context |= {"company": company}
    _chart(wire, company)
    for year in (date.today().year, date.today().year + 1):
        _fiscal_year(wire, company, year)
    _payment(wire, company)
    product, unit = _product(wire)
    return Books(company, party, currency, product, unit)


def _yuan() -> dict[str, Any]:
    return {
        "name": "人民币",
        "symbol": "¥",
        "code": "CNY",
        "numeric_code": "156",
        "rates": [["create", [{"date": date(2020, 1, 1), "rate": Decimal(1)}]]],
    }


def _account(wire: Wire, company: int, kind: str) -> int:
    return wire.one("account.account", [[f"type.{kind}", "=", True], ["company", "=", company], ["closed", "!=", True]])


def _chart(wire: Wire, company: int) -> None:
    root = wire.call("model.ir.model.data.get_id", "account", "account_template_root_en")
    wizard, _, _ = wire.call("wizard.account.create_chart.create")
    account = {"company": company, "account_template": root}
    wire.call("wizard.account.create_chart.execute", wizard, {"account": account}, "create_account")
    properties = {
        "company": company,
        "account_receivable": _account(wire, company, "receivable"),
        "account_payable": _account(wire, company, "payable"),
        "category_account_revenue": _account(wire, company, "revenue"),
        "category_account_expense": _account(wire, company, "expense"),
    }
    data = {"account": account, "properties": properties}
    wire.call("wizard.account.create_chart.execute", wizard, data, "create_properties")


def _sequence(wire: Wire, company: int, kind: str, name: str) -> int:
    of_kind = wire.one("ir.sequence.type", [["name", "=", kind]])
    return wire.create("ir.sequence.strict", {"name": name, "sequence_type": of_kind, "company": company})[0]


def _fiscal_year(wire: Wire, company: int, year: int) -> None:
    invoice = _sequence(wire, company, "Invoice", f"发票 {year}")
    numbers = {
        f"{kind}_sequence": invoice for kind in ("in_invoice", "in_credit_note", "out_invoice", "out_credit_note")
    }
    made = wire.create(
        "account.fiscalyear",
        {
            "name": str(year),
            "start_date": date(year, 1, 1),
            "end_date": date(year, 12, 31),
            "company": company,
            "move_sequence": _sequence(wire, company, "Account Move", f"凭证 {year}"),
            "invoice_sequences": [["create", [{"company": company} | numbers]]],
        },
    )
    wire.call("model.account.fiscalyear.create_period", made)


def _payment(wire: Wire, company: int) -> None:
    cash = wire.one("account.account", [["code", "=", "1.1.1"], ["company", "=", company]])
    journal = wire.one("account.journal", [["type", "=", "cash"]])
    row: dict[str, Any] = {"company": company, "journal": journal, "debit_account": cash, "credit_account": cash}
    wire.create("account.invoice.payment.method", row | {"name": "银行转账"})
    lines = [["create", [{"type": "remainder"}]]]
    wire.create("account.invoice.payment_term", {"name": "见票即付", "lines": lines})


def _product(wire: Wire) -> tuple[int, int]:
    """One service, so that no stock moves and no shipment stand between an order and its invoice."""
    unit = wire.one("product.uom", [["symbol", "=", "u"]])
    company = int(wire.context["company"])
    books: dict[str, Any] = {"name": "软件服务", "accounting": True}
    books |= {f"account_{kind}": _account(wire, company, kind) for kind in ("revenue", "expense")}
    category = wire.create("product.category", books)[0]
    template: dict[str, Any] = {
        "name": "CRM 年度服务",
        "type": "service",
        "list_price": Decimal(100),
        "default_uom": unit,
    }
    template |= {"salable": True, "sale_uom": unit, "account_category": category}
    made = wire.create("product.template", template | {"products": [["create", [{"code": "CRM-1"}]]]})[0]
    return wire.one("product.product", [["template", "=", made]]), unit
