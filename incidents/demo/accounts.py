"""The demo's accounts: one password, made at random, kept for the next start in a file of its owner's."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

ACCOUNTS = (
    ("worker", "网格员 / grid worker", "上报、核查 / report, verify"),
    ("village", "村（社区）综治中心 / village centre", "登记、立案 / intake, file"),
    ("township", "乡镇（街道）综治中心 / township centre", "立案、指派、归档 / file, assign, archive"),
    ("officer", "部门站所 / department officer", "签收、反馈 / accept, feed back"),
    ("secretary", "乡镇（街道）书记 / township secretary", "批示、催办 / instruct, urge"),
    ("centre", "市综治中心 / city centre", "指派、督办 / assign, supervise"),
    ("committee", "政法委 / committee", "超期清单、督办 / overdue list, cards"),
    ("mediator", "人民调解员 / mediator", ""),
    ("sysadmin", "系统管理员 / system administrator", "账号、目录 / accounts, catalogue"),
    ("secadmin", "安全管理员 / security administrator", "岗位 / posts"),
    ("auditor", "审计管理员 / audit administrator", "管理记录 / record of administration"),
)


def _file() -> Path:
    return Path(settings.VAR) / "secrets" / "demo_password"


def new_password() -> str:
    """GEZHI_DEMO_PASSWORD, or one made up now; kept with mode 0600 for `manage.py demo_accounts`."""
    password = os.environ.get("GEZHI_DEMO_PASSWORD") or secrets.token_urlsafe(9)
    path = _file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(password, encoding="utf-8")
    return password


def table() -> str:
    """Accounts and password, for people; empty when no demo was loaded here."""
    if not _file().exists():
        return ""
    password = _file().read_text(encoding="utf-8")
    rows = [f"  {name:<10} {role}  {words}" for name, role, words in ACCOUNTS]
    second = "  第二套账号在另一个镇：worker2、village2 … / a second cast in another township: worker2, ..."
    head = f"演示账号，密码都是 {password} / demo accounts, all with that password:"
    return "\n".join([head, *rows, second])
