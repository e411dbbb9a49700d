"""A finished run -> one file with its evidence, its chain and a signed statement; `verify` reads it again, offline."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crm_acceptance import chain as chains
from crm_acceptance.errors import WrongUse
from crm_acceptance.gate import Verdict, verdict_of
from crm_acceptance.sealing import statement as statements
from crm_acceptance.sealing.keys import PublicKey, public
from crm_acceptance.sealing.packing import Broken, packed, unpacked

STATEMENT, KEY, NOTE = "statement.dsse.json", "signed-by.pub", "READ-ME.txt"
OURS = (chains.FILE, STATEMENT, KEY, NOTE)
CONFIGURED_BY = ("run.json", "requirements.json")
SIGNOFF = "signoff/"
"""Below this name lies who signed: the journal, the public keys, who was named; the statement binds each file."""
_JUDGED_ANEW = (
    "运行之后重新判过，结论和封存时不同（例如变更后来才批准）：请重新运行 crm-acceptance run 再封装，"
    "或用 crm-acceptance gate 运行 --alone 恢复封存时的结论。"
    "It was judged anew since it was sealed, and otherwise: run again, or judge it from its folder alone."
)
_NOTE = """验收证据包。核对：crm-acceptance verify 这个文件（不需要网络）。
An acceptance bundle. To check it, offline:  crm-acceptance verify THIS-FILE
"""


@dataclass(frozen=True)
class Verified:
    """What a whole bundle says: the run's id, who sealed it, and the gate's verdict, judged again from the bundle.

    `bodies`: every file of the run folder and below signoff/, by name.
    """

    run: str
    key: PublicKey
    verdict: Verdict
    files: int
    bodies: Mapping[str, bytes] = field(default_factory=dict)


def bundle(run: Path, out: Path, key: Ed25519PrivateKey, signed: Mapping[str, bytes] | None = None) -> Path:
    """Writes one file. `signed`: files about who signed, each name below signoff/.

    WrongUse: the run was never sealed, something in it is not as it was bound, or out is there.
    """
    chain = chains.read(run)
    missing = [name for name in chains.ONCE if name not in chains.last(chain)]
    if missing:
        raise WrongUse(
            f"{run.name} 没有跑完，或由旧版本产生，证据链里缺 {', '.join(missing)}。请重新运行 run again。"
            "The run did not end, or an older version made it: its chain is not closed."
        )
    bodies = _bodies(run)
    wrong = [*chain.problems, *chains.differences(chain, bodies)]
    if wrong:
        told = "\n".join((*wrong[:20], *(_JUDGED_ANEW for one in wrong if one.startswith(chains.DERIVED))))
        raise WrongUse(f"证据和运行时不一样，不封装 changed since the run, not packed:\n{told}")
    verdict = verdict_of(run)
    bodies |= signed or {}
    said = statements.statement(run.name, chain.head, _configuration(bodies), _proofs(verdict))
    bodies |= {
        chains.FILE: (run / chains.FILE).read_bytes(),
        STATEMENT: statements.sealed(said, key),
        KEY: PublicKey(key.public_key()).pem,
        NOTE: _NOTE.encode(),
    }
    return _written(out, packed(bodies))


def verify(file: Path, trusted: PublicKey | None = None) -> Verified:
    """The bundle, read from the file alone. Broken names the part that changed; WrongUse: there is no such file."""
    bodies = unpacked(_read(file))
    ours = {name: bodies.pop(name, b"") for name in OURS}
    for name, body in ours.items():
        if not body:
            raise Broken(name, "缺失（is missing）")
    if ours[NOTE] != _NOTE.encode():
        raise Broken(NOTE, "内容被改动过（was changed）")
    key = _key(ours[KEY])
    if trusted and trusted.fingerprint != key.fingerprint:
        raise Broken(KEY, f"不是可信的那把密钥（not the trusted key）：{key.fingerprint}")
    said, run, head = _statement(ours[STATEMENT], key)
    evidence = {name: body for name, body in bodies.items() if not name.startswith(SIGNOFF)}
    _check_chain(ours[chains.FILE], head, evidence)
    _check_bound(said, bodies)
    verdict = _again({**evidence, chains.FILE: ours[chains.FILE]})
    if statements.statement(run, head, _configuration(bodies), _proofs(verdict)) != said:
        raise Broken(STATEMENT, "声明与证据算出的结论不符（the statement is not what the evidence says）")
    whole = {**bodies, chains.FILE: ours[chains.FILE]}
    return Verified(run, key, verdict, len(bodies), whole)


def _check_chain(raw: bytes, head: str, bodies: dict[str, bytes]) -> None:
    chain = chains.parse(raw)
    for problem in chain.problems:
        raise Broken(chains.FILE, problem)
    if chain.head != head:
        raise Broken(chains.FILE, "不是签名时的证据链（not the chain that was signed）")
    for problem in chains.differences(chain, bodies):
        part, _, why = problem.partition("：")
        raise Broken(part, why)


def _check_bound(said: dict[str, Any], bodies: dict[str, bytes]) -> None:
    """Who signed is bound by the statement itself, file by file: the chain of the run knows nothing of it."""
    try:
        bound = {str(one["name"]): one["digest"]["sha256"] for one in said["predicate"]["configuration"]}
    except (KeyError, TypeError) as wrong:
        raise Broken(STATEMENT, f"声明读不懂（cannot be read）：{wrong!r}") from None
    for name, digest in bound.items():
        if name not in bodies:
            raise Broken(name, "缺失（is missing）")
        if hashlib.sha256(bodies[name]).hexdigest() != digest:
            raise Broken(name, "内容被改动过（was changed）")
    for name in bodies:
        if name.startswith(SIGNOFF) and name not in bound:
            raise Broken(name, "不是封装时放进去的（was never bound）")


def _statement(raw: bytes, key: PublicKey) -> tuple[dict[str, Any], str, str]:
    """What is stated, of which run, and the head of its chain."""
    try:
        said = statements.opened(raw, key)
        (subject,) = said["subject"]
        run, head = str(subject["name"]), str(subject["digest"]["sha256"])
        run.encode()  # half a character is no name
    except (ValueError, KeyError, TypeError, RecursionError) as wrong:
        raise Broken(STATEMENT, f"声明读不懂（cannot be read）：{wrong}") from None
    return said, run, head


def _key(pem: bytes) -> PublicKey:
    try:
        key = public(pem, KEY)
    except WrongUse as wrong:
        raise Broken(KEY, str(wrong)) from None
    if key.pem != pem:
        raise Broken(KEY, "不是封装时的写法（not spelt as it was packed）")
    return key


def _again(bodies: dict[str, bytes]) -> Verdict:
    """Judged once more by the gate, from the files of the bundle in a folder of their own."""
    with tempfile.TemporaryDirectory(prefix="crm-acceptance-verify-") as kept:
        laid(Path(kept), bodies)
        return verdict_of(Path(kept))


def laid(folder: Path, bodies: Mapping[str, bytes]) -> None:
    """The files of a bundle below an empty folder. Broken: a name that leaves it, or that no file can have."""
    for name, body in bodies.items():
        target = folder / name
        try:
            if not target.resolve().is_relative_to(folder.resolve()):
                raise Broken(name, "路径越出证据包（leaves the bundle）")
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:  # two names that differ in case only are one file on some disks
                file.write(body)
        except (OSError, ValueError) as refused:
            why = refused if isinstance(refused, Broken) else Broken(name, f"不能是文件名（no file's name）：{refused}")
            raise why from None


def _bodies(run: Path) -> dict[str, bytes]:
    files = [run / name for name in chains.ONCE if (run / name).is_file()]
    for folder in chains.KEPT:
        files += [path for path in (run / folder).rglob("*") if path.is_file()]
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in files}


def _configuration(bodies: dict[str, bytes]) -> dict[str, str]:
    names = [name for name in bodies if name in CONFIGURED_BY or name.startswith(SIGNOFF)]
    return {name: hashlib.sha256(bodies[name]).hexdigest() for name in names}


def _proofs(verdict: Verdict) -> dict[str, str]:
    return {finding.requirement.id: finding.proof.value for finding in verdict.findings}


def _written(out: Path, raw: bytes) -> Path:
    try:
        with out.open("xb") as file:
            file.write(raw)
    except FileExistsError:
        raise WrongUse(f"{out} 已经存在，不会覆盖。The file is there already; it is not overwritten.") from None
    except OSError as refused:
        if out.is_file():
            out.unlink()  # half a bundle, on a disk that is full
        raise WrongUse(f"写不了 {out}：{refused.strerror}（cannot be written）。") from None
    return out


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as refused:
        raise WrongUse(f"读不了 {file}：{refused.strerror}。No such bundle, or it cannot be read.") from None
