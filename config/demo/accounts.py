"""The demo's accounts: one password for all, made up at random, kept for the next start in a file of its owner's."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

# User name, role in both languages, and what to try under it.
ACCOUNTS = (
    ("worker", "网格员 / grid worker", "上报暴露垃圾，办完后核查 / report, then verify"),
    ("village", "村（社区）综治中心 / village centre", "登记来访，立案 / write down a visitor, file"),
    ("township", "乡镇（街道）综治中心 / township centre", "立案、指派、结案归档 / file, assign, archive"),
    ("officer", "部门站所 / department officer", "签收、反馈、退回 / accept, feed back, return"),
    (
        "bureau",
        "市城管局 / the city's urban management",
        "吹哨报到、认领任务 / answer a whistle, claim tasks",
    ),
    ("secretary", "乡镇（街道）书记 / township secretary", "批示、催办 / instruct, urge"),
    ("centre", "市综治中心 / city centre", "全市事项、督办 / the whole city, supervise"),
    (
        "centre2",
        "市综治中心另一人 / a second person there",
        "同意或不同意目录改动 / agree to a changed category",
    ),
    (
        "committee",
        "政法委 / committee",
        "超期清单、启动吹哨、负面清单 / overdue list, whistles, negative list",
    ),
    ("committee2", "政法委另一人 / a second person there", "处理申诉 / decide an appeal"),
    (
        "mediator",
        "乡镇（街道）人民调解员 / township mediator",
        "调解、开会、协议、卷宗 / mediate, meet, agree, print the file",
    ),
    ("mediator7", "市人民调解员 / the city's mediator", "下级报送的纠纷 / disputes passed up"),
    (
        "mediator15",
        "村（社区）人民调解员 / village mediator",
        "登记、受理、三次调解 / enter, accept, three attempts",
    ),
    ("sysadmin", "系统管理员 / system administrator", "账号、事项目录 / accounts, the catalogue"),
    ("secadmin", "安全管理员 / security administrator", "岗位任免 / posts"),
    ("auditor", "审计管理员 / audit administrator", "管理记录 / the record of administration"),
)
SECOND = "worker2 village2 township2 officer2 secretary2 mediator2"


def made_up() -> str:
    """GEZHI_DEMO_PASSWORD, or a password made up now."""
    return os.environ.get("GEZHI_DEMO_PASSWORD") or secrets.token_urlsafe(9)


def keep(password: str) -> None:
    """Write the table for the next start; nobody but the owner of GEZHI_VAR reads it."""
    path = _file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(_table(password))


def table() -> str:
    """Accounts and password, for people; empty when no demo was loaded here."""
    return _file().read_text(encoding="utf-8") if _file().exists() else ""


def _file() -> Path:
    return Path(settings.VAR) / "demo-accounts.txt"


def _table(password: str) -> str:
    rows = [f"  {name:<10} {role} · {words}" for name, role, words in ACCOUNTS]
    return "\n".join(
        [
            f"演示账号，密码都是 {password} / demo accounts, all with this password",
            *rows,
            f"  另一个镇的第二套 / the same in another township: {SECOND}",
        ]
    )
