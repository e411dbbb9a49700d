"""`keys`: made, listed, made known to a workspace, revoked; and how every command opens one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_acceptance.commands import options
from crm_acceptance.errors import WrongUse

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

HELP = """签字和封装用的密钥（Ed25519，口令保护）。私钥只在 CRM_ACCEPTANCE_KEYS，从不离开。Keys for signing and sealing.

例 examples:

  crm-acceptance keys create chenjing

  crm-acceptance keys register chenjing --department sales --name 陈静

  crm-acceptance keys revoke chenjing --as lina --reason 电脑丢了

  crm-acceptance keys list
"""
Name = Annotated[str, typer.Argument(help="密钥名，一般是人的登录名 a name, usually a person's login")]


def register(app: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(help=HELP, no_args_is_help=True)
    group.command(name="create", help="新建一对密钥；口令不落盘。A new key pair.")(create)
    group.command(name="list", help="列出公钥和指纹。Public keys and their fingerprints.")(listing)
    group.command(name="register", help="公钥放进工作区 signatories/，并给出配置。Make a public key known.")(make_known)
    group.command(name="revoke", help="吊销：它签过的全部不再算数。Nothing that it signed counts any more.")(revoke)
    app.add_typer(group, name="keys")


def create(name: Name) -> None:
    """Asks for the passphrase twice, or takes it from the environment."""
    from crm_acceptance.sealing import keys

    made = keys.create(name, passphrase(keys.PASSPHRASE_ENV, twice=True))
    print(f"{keys.home() / name}.key · {keys.home() / name}.pub\n指纹 fingerprint: {made.fingerprint}")


def listing() -> None:
    """One line per key."""
    from crm_acceptance.sealing import keys

    found = keys.listed()
    for name, key in found.items():
        print(f"{name}  {key.fingerprint}")
    if not found:
        print(f"还没有密钥 no keys yet: {keys.home()}")


def make_known(
    name: Name,
    department: Annotated[
        str,
        typer.Option("--department", help="为哪个部门签字 for which department", callback=options.department_key),
    ] = "",
    called: Annotated[str, typer.Option("--name", help="姓名 the person's name")] = "",
    file: Annotated[Path | None, typer.Option("--file", help="交来的公钥 a public key that was handed in")] = None,
) -> None:
    """Writes signatories/NAME.pub and prints what acceptance.toml should say."""
    from crm_acceptance.sealing.keys import FOLDER
    from crm_acceptance.signoff import registering

    place = options.workspace()
    key = registering.register(place, name, file)
    print(f"已放入 {place / FOLDER / name}.pub。请把下面几行写进 acceptance.toml add to acceptance.toml:\n")
    print(registering.lines(name, key, department, called))


def revoke(
    which: Annotated[str, typer.Argument(metavar="KEY", help="signatories/ 里的名字或指纹 a name or a fingerprint")],
    person: Annotated[str, typer.Option("--as", help="由谁吊销（本人，或另一个签字人）by whom")],
    reason: Annotated[str, typer.Option("--reason", help="原因 why")] = "",
    key: Annotated[str, typer.Option("--key", help="用哪把密钥 which key [默认同登录名]")] = "",
) -> None:
    """Written into the journal, signed by whoever revokes; exit 0 then."""
    from datetime import datetime

    from crm_acceptance import profile
    from crm_acceptance.signoff import registering, revising

    place = options.workspace()
    meant = registering.fingerprint(place, which)
    hand = revising.Hand(profile.load(place), person, open_key(key or person), datetime.now().astimezone())
    revising.revoke(hand, meant, reason)
    print(f"已吊销 revoked: {meant}\n它签过的全部不再算数。Nothing that it signed counts any more.")


def open_key(name: str) -> Ed25519PrivateKey:
    """That person's private key; the passphrase is asked, or taken from the environment."""
    from crm_acceptance.sealing import keys

    keys.there(name)  # before anybody types a passphrase
    return keys.private(name, passphrase(keys.PASSPHRASE_ENV))


def passphrase(variable: str, twice: bool = False) -> str:
    """From the environment, else asked for; never shown. WrongUse: nobody typed one, or two that differ."""
    told = os.environ.get(variable)
    if told is not None:
        return told
    try:
        said = _typed("口令 passphrase")
        if twice and _typed("再输一次 once more") != said:
            raise WrongUse("两次输入的口令不一样，没有新建密钥。The two passphrases differ: no key was made.")
    except typer.Abort:
        raise WrongUse(
            f"没有输入口令，什么也没有做。没有终端的地方，请把口令放进环境变量 {variable}。"
            f"No passphrase was typed: nothing was done. Where there is no terminal, set {variable}."
        ) from None
    return said


def _typed(label: str) -> str:
    return str(typer.prompt(label, hide_input=True))
