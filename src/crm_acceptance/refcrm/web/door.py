"""The way from a request to a page: who is there, what was sent, is it really from our form. Renders nothing."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from .. import auth
from ..auth import User
from ..db import Database
from ..errors import CrmError, denied, missing
from ..values import BIGGEST_ID

SESSION = "refcrm_session"
VISITOR = "refcrm_visitor"
DONE = "refcrm_done"
LANGUAGE = "lang"
NOBODY = User("", "", "", "", False)
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


@dataclass(frozen=True)
class Upload:
    """One file that a form brought."""

    name: str
    body: bytes


@dataclass(frozen=True)
class Visit:
    """One request of one person. `form` holds the text fields, `files` the chosen files, `done` the last success."""

    request: Request
    db: Database
    me: User
    token: str
    csrf: str
    language: str
    form: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters behind the question mark."""
        return self.request.query_params

    def number(self, name: str) -> int | None:
        """A parameter as a number; None when it is none, or one that no record and no page can have."""
        text = self.query.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None

    @property
    def path(self) -> str:
        """The path with its parameters, to come back to."""
        asked = self.request.url.query
        return self.request.url.path + (f"?{asked}" if asked else "")

    @property
    def done(self) -> str:
        """The key of the success that the page before reported, or ""."""
        return self.request.cookies.get(DONE, "")

    def step(self, name: str) -> str:
        """A part of the path, such as the id."""
        return str(self.request.path_params[name])

    @property
    def id(self) -> int:
        """The record's number in the path; a number that no record can have is missing."""
        number = int(self.request.path_params["id"])
        if number > BIGGEST_ID:
            raise missing()
        return number


Work = Callable[[Visit], Response]
Broken = Callable[[Visit, CrmError], Response]
_broken: list[Broken] = []


def when_refused(page: Broken) -> None:
    """Sets the page that shows a refusal nobody else shows."""
    _broken[:] = [page]


def page(path: str, work: Work, *methods: str, public: bool = False) -> Route:
    """A route to `work`. Unless `public`, a visitor who is not logged in is sent to the login page first."""

    async def endpoint(request: Request) -> Response:
        form, files = await _sent(request)
        return await run_in_threadpool(_answer, work, request, form, files, public)

    return Route(path, endpoint, methods=list(methods or ("GET",)), name=path)


async def _sent(request: Request) -> tuple[dict[str, str], dict[str, Upload]]:
    texts: dict[str, str] = {}
    files: dict[str, Upload] = {}
    if request.method == "POST":
        async with request.form(max_part_size=8 * 1024 * 1024) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    files[name] = Upload(value.filename or "", await value.read())
                else:
                    texts[name] = value.replace("\r\n", "\n")  # browsers send a line break as two characters
    return texts, files


def _answer(work: Work, request: Request, form: dict[str, str], files: dict[str, Upload], public: bool) -> Response:
    try:
        visit = _visit(request, form, files, public)
    except CrmError:
        return _to_login(request)
    try:
        _check_origin(visit)
        response = work(visit)
    except CrmError as error:
        response = _broken[0](visit, error)
    return _sealed(visit, response)


def _visit(request: Request, form: dict[str, str], files: dict[str, Upload], public: bool) -> Visit:
    """Raises CrmError when the session is unknown or over and the page is not public."""
    db: Database = request.app.state.db
    token = request.cookies.get(SESSION, "")
    language = request.cookies.get(LANGUAGE) or getattr(request.app.state, "language", "zh")
    language = language if language in ("zh", "en") else "zh"
    if public:
        visitor = request.cookies.get(VISITOR) or secrets.token_urlsafe(16)
        return Visit(request, db, NOBODY, token, visitor, language, form, files)
    me = auth.user_of(db, token)
    return Visit(request, db, me, token, auth.csrf_of(db, token), language, form, files)


def _check_origin(visit: Visit) -> None:
    """A form that does not carry the session's own CSRF token was not made by us."""
    if visit.request.method == "POST" and not hmac.compare_digest(
        visit.form.get("csrf", "").encode(), visit.csrf.encode()
    ):
        raise denied("页面已过期，请返回刷新后重试。This form is out of date, please reload it.")


def _to_login(request: Request) -> Response:
    back = quote(request.url.path if request.method == "GET" else "/", safe="/")
    ended = "&ended=1" if request.cookies.get(SESSION) else ""
    answer = RedirectResponse(f"/login?next={back}{ended}", 303)
    answer.delete_cookie(SESSION)
    return answer


def _sealed(visit: Visit, response: Response) -> Response:
    """What every page says to the browser: keep no copy, run nothing foreign, forget the success once it was shown."""
    response.headers.setdefault("cache-control", "no-store")
    response.headers["content-security-policy"] = POLICY
    response.headers["x-content-type-options"] = "nosniff"
    response.headers["referrer-policy"] = "same-origin"
    if visit.me is NOBODY and VISITOR not in visit.request.cookies:
        response.set_cookie(VISITOR, visit.csrf, httponly=True, samesite="lax")
    if visit.done and response.status_code != 303:
        response.delete_cookie(DONE)
    return response


def go(path: str, done: str = "") -> Response:
    """On to another page; `done` is the key of the success it shows."""
    answer = RedirectResponse(local(path), 303)
    if done:
        answer.set_cookie(DONE, done, max_age=60, httponly=True, samesite="lax")
    return answer


def local(path: str) -> str:
    """The path when it stays on this site, else the first page: `next` comes from whoever made the link."""
    stays = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if stays else "/"
