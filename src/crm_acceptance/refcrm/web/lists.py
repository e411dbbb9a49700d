"""The list of an object: keyword, filters, sorting, paging, sums; and the public pool, which is one more list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import BaseRoute

from .. import lists, rights
from ..defects import active
from ..fields import Field, ObjectType
from ..lists import Asked
from ..objects import OBJECTS
from .door import Visit, page
from .inputs import Control, Option
from .render import label_of, show, texts
from .tables import Column, Row, columns_of, row
from .values import NUMBERS, Looks, money

SIZES = (10, 20, 50, 100, 200)
AROUND = 2
DEEPEST = 1_000_000


@dataclass(frozen=True)
class Step:
    """One entry of the paging: a number, a gap, or a step back or forward."""

    label: str
    url: str = ""
    here: bool = False
    rel: str = ""


@dataclass(frozen=True)
class Sum:
    """The sum of a money column over all pages."""

    name: str
    label: str
    text: str


def routes() -> list[BaseRoute]:
    """The pages of this room."""
    named = [page(f"/{kind.plural}", partial(of_kind, kind)) for kind in OBJECTS.values()]
    return [page("/pool", pool), *named]


def of_kind(kind: ObjectType, visit: Visit) -> Response:
    """The list of one object type."""
    return _list(visit, kind, pool=False)


def pool(visit: Visit) -> Response:
    """Customers that nobody owns, for whoever claims first."""
    return _list(visit, OBJECTS["customer"], pool=True)


_first_seen: dict[str, dict[str, Any]] = {}


def _list(visit: Visit, kind: ObjectType, pool: bool) -> Response:
    looks, asked, t = Looks(visit), asked_of(visit, kind, pool), texts(visit)
    found = lists.listing(visit.db, visit.me, kind.name, asked)
    if kind.name == "ticket" and active("list_page_stale"):
        found = _first_seen.setdefault(f"{visit.me.login} {visit.request.url}", found)
    claims = pool and rights.may(visit.me, "claim", "customer")
    fields = columns_of(kind, ("owner", "state") if pool else ())
    rows = [row(looks, kind, fields, item) for item in found["items"]]
    return show(
        visit, "list.html", title=t.pool if pool else label_of(visit, kind),
        columns=_columns(visit, kind, fields, asked, claims),
        rows=[_claimable(visit, r) for r in rows] if claims else rows,
        total=found["total"], sums=_sums(visit, kind, asked),
        pages=steps(visit, found["total"], asked.page, asked.size),
        filters=_filters(visit, kind, asked), kept=_kept(kind, asked), chips=_chips(looks, kind, asked),
        clear_url=visit.request.url.path, **_buttons(visit, kind, pool),
    )  # fmt: skip


def asked_of(visit: Visit, kind: ObjectType, pool: bool = False) -> Asked:
    """What the address asks for; a page or size that is no number is the usual one."""
    names = {f.name for f in kind.fields}
    where = {name: value for name, value in visit.query.items() if name in names and value}
    q = visit.query
    return Asked(
        q.get("q", ""),
        q.get("sort", ""),
        _number(visit, "page", 1, DEEPEST),
        _number(visit, "size", 20, SIZES[-1]),
        where,
        pool,
    )


def _number(visit: Visit, name: str, usual: int, most: int) -> int:
    asked = visit.number(name)
    return usual if asked is None else max(1, min(asked, most))


def _buttons(visit: Visit, kind: ObjectType, pool: bool) -> dict[str, Any]:
    asked = {**visit.query, **({"pool": "true"} if pool else {})}
    query = f"?{urlencode(asked)}" if asked else ""
    can = {action: rights.may(visit.me, action, kind.name) and not pool for action in ("create", "import")}
    return {
        "export_url": f"/{kind.plural}/export{query}",
        "import_url": f"/{kind.plural}/import" if kind.importable and can["import"] else "",
        "new_url": f"/{kind.plural}/new" if can["create"] else "",
    }


def _columns(visit: Visit, kind: ObjectType, fields: tuple[Field, ...], asked: Asked, claims: bool) -> list[Column]:
    first = [Column("#", url=with_query(visit, sort="-id"))] if kind.title == "id" else []
    last = [Column("")] if claims else []
    return [*first, *(_column(visit, kind, f, asked) for f in fields), *last]


def _column(visit: Visit, kind: ObjectType, field: Field, asked: Asked) -> Column:
    """A second press on the same head turns the order round. What is computed or masked cannot be sorted by."""
    number = field.type in NUMBERS
    if field.live or rights.mask_of(visit.me, kind.name, field.name):
        return Column(label_of(visit, field), number)
    state = {field.name: "ascending", f"-{field.name}": "descending"}.get(asked.sort, "")
    turned = f"-{field.name}" if state == "ascending" else field.name
    return Column(label_of(visit, field), number, with_query(visit, sort=turned, page=None), state)


def _claimable(visit: Visit, made: Row) -> Row:
    button = Markup(
        '<form method="post" action="/customers/{}/claim"><input type="hidden" name="csrf" value="{}">'
    ).format(made.id, visit.csrf) + Markup("<button>{}</button></form>").format(texts(visit).claim)
    return Row(made.id, (*made.cells, button))


def _filters(visit: Visit, kind: ObjectType, asked: Asked) -> list[Control]:
    t = texts(visit)
    sizes = tuple(Option(str(size), str(size)) for size in sorted({*SIZES, asked.size}))
    chosen = [_choice(visit, f, asked) for f in kind.fields if f.type == "choice"]
    return [
        Control("q", t.keyword, "search", asked.q, prefix="l"),
        *(chosen if not asked.pool else []),
        Control("size", t.size, "select", str(asked.size), options=sizes, prefix="l"),
    ]


def _choice(visit: Visit, field: Field, asked: Asked) -> Control:
    options = tuple(Option(c.value, label_of(visit, c)) for c in field.choices)
    held = str(asked.where.get(field.name, ""))
    return Control(field.name, label_of(visit, field), "select", held, False, options, texts(visit).all, prefix="l")


def _kept(kind: ObjectType, asked: Asked) -> list[tuple[str, str]]:
    """What a new search keeps: the order and the filters that have no control of their own."""
    others = [(name, str(value)) for name, value in asked.where.items() if kind.field(name).type != "choice"]
    return ([("sort", asked.sort)] if asked.sort else []) + others


def _chips(looks: Looks, kind: ObjectType, asked: Asked) -> Iterator[Markup]:
    for name, value in asked.where.items():
        field = kind.field(name)
        if field.type != "choice":
            shown = (
                looks.value(field, value) if field.type != "ref" or str(value).isdigit() else Markup("{}").format(value)
            )
            yield Markup("{}: {}").format(label_of(looks.visit, field), shown)


def _sums(visit: Visit, kind: ObjectType, asked: Asked) -> list[Sum]:
    """One money column is summed over all pages: the first that is stored."""
    names = [
        f.name for f in kind.fields if f.type == "money" and f.list_column and not f.live and f.name != "unit_price"
    ]
    return [_sum(visit, kind, name, asked) for name in names[:1]]


def _sum(visit: Visit, kind: ObjectType, name: str, asked: Asked) -> Sum:
    text = money(lists.total(visit.db, visit.me, kind.name, name, asked))
    return Sum(name, label_of(visit, kind.field(name)), text)


def steps(visit: Visit, total: int, here: int, size: int) -> list[Step]:
    """Back, the first page, those around this one, the last page, forward."""
    t, last = texts(visit), max(1, -(-total // size))
    if last == 1 and here == 1:
        return []
    shown = sorted({1, last, *(n for n in range(here - AROUND, here + AROUND + 1) if 1 <= n <= last)})
    numbers = [Step(str(n), with_query(visit, page=n), n == here) for n in shown]
    back = Step(t.previous, with_query(visit, page=here - 1) if here > 1 else "", rel="prev")
    return [back, *numbers, Step(t.next, with_query(visit, page=here + 1) if here < last else "", rel="next")]


def with_query(visit: Visit, **changed: Any) -> str:
    """This address with some parameters changed; None takes one away."""
    kept = {**visit.query, **changed}
    return "?" + urlencode({name: value for name, value in kept.items() if value is not None and value != ""})
