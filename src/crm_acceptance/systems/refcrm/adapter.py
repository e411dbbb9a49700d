"""The API door of the reference CRM: who is speaking, and one call per action; which call it is stands in routes."""

from __future__ import annotations

from dataclasses import replace

from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Outcome, Person
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Call, Flow
from crm_acceptance.systems.refcrm.routes import route
from crm_acceptance.systems.refcrm.wire import BASE, checked


def supports(action: str, object: str) -> bool:
    """Whether the API has a route for this action on this object."""
    return route(Action(action, object)) is not None


class RefcrmRecords:
    """Stateless: the Session carries the token."""

    def login(self, person: Person, password: str) -> Flow[Session]:
        """A bearer token for this person. A wrong password is Refused("denied"), not an expired session."""
        call = Call("POST", f"{BASE}/login", json={"username": person.login, "password": password}, verb="login")
        try:
            body = checked((yield call)).json()
        except Refused as no:
            raise Refused("denied" if no.kind == "expired" else no.kind, no.message, no.status) from None
        return Session(person, {"Authorization": f"Bearer {body['token']}"}, memory=body.get("user", {}))

    def logout(self, session: Session) -> Flow[None]:
        """Ends the token on the server's side."""
        checked((yield Call("POST", f"{BASE}/logout", headers=session.headers, verb="logout")))

    def flow(self, session: Session, action: Action) -> Flow[Outcome]:
        """One action as one call; Unsupported when the API has no such route."""
        plan = route(action)
        if plan is None:
            raise Unsupported(f"参考 CRM 没有 {action.verb} 这个操作。The reference CRM has no {action.verb}.")
        call, read = plan(action)
        headers = {**session.headers, **call.headers}
        return read(checked((yield replace(call, headers=headers, verb=action.verb))))
