"""The routes of the sign-off page; each asks signing/ and shows what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from crm_acceptance.contents import Contents
from crm_acceptance.errors import AcceptanceError, WrongUse
from crm_acceptance.model import DEPARTMENTS
from crm_acceptance.profile import Profile
from crm_acceptance.sealing import keys
from crm_acceptance.signoff import revising, signing
from crm_acceptance.signoff.revising import Hand
from crm_acceptance.signoff.signing import Desk
from crm_acceptance.signoff.web import evidence, forms, pages
from crm_acceptance.signoff.web.forms import Filled
from crm_acceptance.signoff.web.guard import Patience, Token

WRONG = {2: 422, 3: 409}
"""Exit code of a refusal -> HTTP status."""


class Page:
    """One run that is being signed: as long as `serve` runs. `now` and `present` as in signoff.status."""

    def __init__(
        self,
        profile: Callable[[], Profile],
        run_dir: Path,
        now: Callable[[], datetime] | None = None,
        present: Callable[[], Contents] | None = None,
    ) -> None:
        self._profile, self._run_dir, self._present = profile, run_dir, present
        self._now = now or (lambda: datetime.now().astimezone())
        self.token, self._patience = Token(), Patience()

    def overview(self) -> Response:
        """Every department."""
        return self._said("index.html.j2", pages.board(self._desk()))

    def department(self, key: str, told: Filled | None = None, wrong: str = "", status: int = 200) -> Response:
        """One department's result, who signed, and the form."""
        whole = pages.board(self._desk())
        standing = whole.standing(key)
        if standing is None:
            return self._said("message.html.j2", whole, 404, sentence=f"没有这个部门：{key[:40]}。No such department.")
        shown = {"room": pages.room(whole, standing), "told": told or Filled(), "wrong": wrong}
        return self._said("department.html.j2", whole, status, **shown)

    def receipt(self, digest: str) -> Response:
        """One signature by its digest, or that there is none."""
        whole = pages.board(self._desk())
        found = [one for standing in whole.standings for one in standing.signatures if one.digest == digest]
        if not found:
            return self._said("message.html.j2", whole, 404, sentence="没有这份签字。No such signature.")
        standing = whole.standing(found[0].signature.bound.department)
        return self._said("receipt.html.j2", whole, signed=found[0], standing=standing)

    def sign(self, key: str, form: Mapping[str, object]) -> Response:
        """A signature, or the same form again with one sentence."""
        told = forms.filled(form)

        def work() -> Response:
            asked = forms.answer(key, told)
            desk = self._desk()
            if form.get("seen") != pages.seen(desk, key):
                raise WrongUse(
                    "这一页打开以后，证据变了。请重新看一遍再签。The evidence changed: look again, then sign."
                )
            signing.check(desk, asked)
            done = signing.sign(desk, asked, self._open(asked.person, form))
            return RedirectResponse(f"/receipt/{done.digest}", 303)

        return self._answered(key, form, told, work)

    def withdraw(self, key: str, form: Mapping[str, object]) -> Response:
        """Takes a signature back."""

        def work() -> Response:
            person = str(form.get("person", ""))
            hand = Hand(self._profile(), person, self._open(person, form), self._now())
            revising.withdraw(hand, str(form.get("digest", "")), str(form.get("reason", "")))
            return RedirectResponse(f"/{key}#signed", 303)

        return self._answered(key, form, Filled(), work)

    def delegate(self, key: str, form: Mapping[str, object]) -> Response:
        """Lets somebody else sign."""

        def work() -> Response:
            person, until = str(form.get("person", "")), forms.day(str(form.get("until", "")), "截止日期")
            hand = Hand(self._profile(), person, self._open(person, form), self._now())
            revising.delegate(hand, key, str(form.get("to", "")), until, str(form.get("reason", "")))
            return RedirectResponse(f"/{key}#signed", 303)

        return self._answered(key, form, Filled(), work)

    def _answered(self, key: str, form: Mapping[str, object], told: Filled, work: Callable[[], Response]) -> Response:
        try:
            self.token.check(form.get("token"))
            return work()
        except AcceptanceError as wrong:
            return self.department(
                key if key in DEPARTMENTS else "?", told, str(wrong), WRONG.get(wrong.exit_code, 422)
            )

    def _open(self, person: str, form: Mapping[str, object]) -> Ed25519PrivateKey:
        """The private key of that person on this machine. The passphrase is forgotten with the request."""
        if not person:
            raise WrongUse("请选择签字人。Choose who signs.")
        keys.there(person)
        self._patience.check(person)
        key = keys.private(person, str(form.get("passphrase", "")))
        self._patience.right(person)
        return key

    def _desk(self) -> Desk:
        return signing.desk(self._profile(), self._run_dir, self._now(), self._present() if self._present else None)

    def _said(self, template: str, whole: pages.Board, status: int = 200, **more: object) -> Response:
        return HTMLResponse(pages.html(template, whole, token=self.token.value, **more), status)


def made(page: Page, evidence_at: str) -> FastAPI:
    """The pages: routes only. `evidence_at`: where the reports are, an origin of their own."""
    app = FastAPI(title="签字 sign-off", docs_url=None, redoc_url=None, openapi_url=None)

    @app.exception_handler(AcceptanceError)
    async def told(_: Request, wrong: Exception) -> Response:
        """The profile or the journal was broken while the page is open: a sentence, as on the console."""
        return PlainTextResponse(str(wrong), 503)

    @app.get("/")
    def overview() -> Response:
        return page.overview()

    @app.get("/style.css")
    def style() -> Response:
        return Response(pages.style(), media_type="text/css")

    @app.get("/receipt/{digest}")
    def receipt(digest: str) -> Response:
        return page.receipt(digest)

    @app.get("/allure-report/{name:path}")
    def report(name: str) -> Response:
        return RedirectResponse(f"{evidence_at}/allure-report/{quote(name)}", 307)

    @app.get("/{name}")
    def department(name: str) -> Response:
        return RedirectResponse(f"{evidence_at}/{name}", 307) if name in evidence.SHOWN else page.department(name)

    @app.post("/{key}")
    async def sign(key: str, request: Request) -> Response:
        return await run_in_threadpool(page.sign, key, await _form(request))

    @app.post("/{key}/withdraw")
    async def withdraw(key: str, request: Request) -> Response:
        return await run_in_threadpool(page.withdraw, key, await _form(request))

    @app.post("/{key}/delegate")
    async def delegate(key: str, request: Request) -> Response:
        return await run_in_threadpool(page.delegate, key, await _form(request))

    return app


async def _form(request: Request) -> dict[str, object]:
    """Plain fields only; of a name that comes twice, the last."""
    return dict(await request.form(max_files=0, max_fields=60))
