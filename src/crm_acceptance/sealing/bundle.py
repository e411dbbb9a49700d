"""A finished run -> one file with its evidence, its chain and a signed statement; `verify` reads it again, offline."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
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
_NOTE = """验收证据包。核对：crm-acceptance verify 这个文件（不需要网络）。
An acceptance bundle. To check it, offline:  crm-acceptance verify THIS-FILE
"""


@dataclass(frozen=True)
class Verified:
    """What a whole bundle says: the run's id, who sealed it, and the gate's verdict, judged again from the bundle."""

    run: str
    key: PublicKey
    verdict: Verdict
    files: int


def bundle(run: Path, out: Path, key: Ed25519PrivateKey) -> Path:
    """Writes one file. WrongUse: the run was never sealed, something in it is not as it was bound, or out is there."""
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
        raise WrongUse("证据和运行时不一样，不封装 changed since the run, not packed:\n" + "\n".join(wrong[:20]))
    verdict = verdict_of(run)
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
    said = _statement(ours[STATEMENT], key)
    _check_chain(ours[chains.FILE], said, bodies)
    verdict = _again({**bodies, chains.FILE: ours[chains.FILE]})
    again = statements.statement(
        said["subject"][0]["name"], said["subject"][0]["digest"]["sha256"], _configuration(bodies), _proofs(verdict)
    )
    if again != said:
        raise Broken(STATEMENT, "声明与证据算出的结论不符（the statement is not what the evidence says）")
    return Verified(said["subject"][0]["name"], key, verdict, len(bodies))


def _check_chain(raw: bytes, said: dict[str, Any], bodies: dict[str, bytes]) -> None:
    chain = chains.parse(raw)
    for problem in chain.problems:
        raise Broken(chains.FILE, problem)
    if chain.head != said["subject"][0]["digest"]["sha256"]:
        raise Broken(chains.FILE, "不是签名时的证据链（not the chain that was signed）")
    for problem in chains.differences(chain, bodies):
        part, _, why = problem.partition("：")
        raise Broken(part, why)


def _statement(raw: bytes, key: PublicKey) -> dict[str, Any]:
    try:
        return statements.opened(raw, key)
    except ValueError as wrong:
        raise Broken(STATEMENT, str(wrong)) from None


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
        for name, body in bodies.items():
            target = Path(kept) / name
            if not target.resolve().is_relative_to(Path(kept).resolve()):
                raise Broken(name, "路径越出证据包（leaves the bundle）")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
        return verdict_of(Path(kept))


def _bodies(run: Path) -> dict[str, bytes]:
    files = [run / name for name in chains.ONCE if (run / name).is_file()]
    for folder in chains.KEPT:
        files += [path for path in (run / folder).rglob("*") if path.is_file()]
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in files}


def _configuration(bodies: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(bodies[name]).hexdigest() for name in CONFIGURED_BY if name in bodies}


def _proofs(verdict: Verdict) -> dict[str, str]:
    return {finding.requirement.id: finding.proof.value for finding in verdict.findings}


def _written(out: Path, raw: bytes) -> Path:
    try:
        with out.open("xb") as file:
            file.write(raw)
    except FileExistsError:
        raise WrongUse(f"{out} 已经存在，不会覆盖。The file is there already; it is not overwritten.") from None
    except OSError as refused:
        raise WrongUse(f"写不了 {out}：{refused.strerror}（cannot be written）。") from None
    return out


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as refused:
        raise WrongUse(f"读不了 {file}：{refused.strerror}。No such bundle, or it cannot be read.") from None
