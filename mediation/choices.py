"""The closed lists of mediation: kinds, sources, tiers, ends, colours. Codes stand in the database, words here.

Source: docs/domain.md, section 6 (the fifteen kinds are those of the ministry's statistics).
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """The fifteen kinds of dispute in the statistics of the Ministry of Justice."""

    FAMILY = "family", _("婚姻家庭纠纷")
    NEIGHBOUR = "neighbour", _("邻里纠纷")
    HOUSING = "housing", _("房屋宅基地纠纷")
    CONTRACT = "contract", _("合同纠纷")
    BUSINESS = "business", _("生产经营纠纷")
    DAMAGES = "damages", _("损害赔偿纠纷")
    LAND = "land", _("山林土地纠纷")
    EXPROPRIATION = "expropriation", _("征地拆迁纠纷")
    ENVIRONMENT = "environment", _("环境污染纠纷")
    LABOUR = "labour", _("劳动争议纠纷")
    CONSUMER = "consumer", _("消费纠纷")
    MEDICAL = "medical", _("医疗纠纷")
    TRAFFIC = "traffic", _("道路交通事故纠纷")
    PROPERTY = "property", _("物业纠纷")
    OTHER = "other", _("其他纠纷")


class Source(models.TextChoices):
    """Where a dispute came from (五调对接)."""

    WALK_IN = "walk_in", _("群众来访")
    GRID = "grid", _("网格员上报")
    INCIDENT = "incident", _("事件转来")
    HOTLINE = "hotline", _("12345 热线")
    COURT = "court", _("法院诉前（诉调）")
    POLICE = "police", _("公安移送（警调）")
    PETITION = "petition", _("信访转来（访调）")
    PROCURATORATE = "procuratorate", _("检察院移送（检调）")
    ADMINISTRATIVE = "administrative", _("行政机关移送（政调）")


class Initiative(models.TextChoices):
    """On whose word mediation began (人民调解法, article 17; the ministry counts by it)."""

    APPLIED = "applied", _("当事人申请")
    OWN = "own", _("调委会主动")
    ENTRUSTED = "entrusted", _("委托移送")


class Tier(models.TextChoices):
    """The three tiers; a committee's tier is that of its division."""

    VILLAGE = "village", _("村级（劝调）")
    TOWNSHIP = "township", _("乡级（联调）")
    COUNTY = "county", _("县级（终调）")


# A committee of a whole city is of the highest tier too.
TIER_OF: Final = {
    "village": Tier.VILLAGE, "township": Tier.TOWNSHIP, "county": Tier.COUNTY, "city": Tier.COUNTY,
}  # fmt: skip


class Side(models.IntegerChoices):
    """The sides of a dispute; more than two may be heard."""

    FIRST = 1, _("甲方")
    SECOND = 2, _("乙方")
    THIRD = 3, _("丙方")
    FOURTH = 4, _("丁方")
    FIFTH = 5, _("戊方")
    SIXTH = 6, _("己方")


class PartyKind(models.TextChoices):
    PERSON = "person", _("自然人")
    ORGANISATION = "organisation", _("单位")


class Sex(models.TextChoices):
    UNKNOWN = "", _("未填")
    MALE = "male", _("男")
    FEMALE = "female", _("女")


class Authority(models.TextChoices):
    """For what a representative may speak."""

    LEGAL = "legal", _("法定代理人或负责人")
    GENERAL = "general", _("一般授权")
    SPECIAL = "special", _("特别授权（可以代为和解、签字）")


class Manner(models.TextChoices):
    """How something was told or agreed."""

    IN_PERSON = "in_person", _("当面口头")
    WRITTEN = "written", _("书面")
    TELEPHONE = "telephone", _("电话")
    ONLINE = "online", _("网上")


class Way(models.TextChoices):
    """Why a dispute passes up a tier."""

    EXHAUSTED = "exhausted", _("三次调解不成")
    WISH = "wish", _("各方都希望上级调解")
    EARLY = "early", _("提前报送")
    SKIPPED = "skipped", _("越过一级报送")


class Route(models.TextChoices):
    """Where the parties may turn instead (人民调解法, article 26)."""

    ARBITRATION = "arbitration", _("申请仲裁")
    ADMINISTRATIVE = "administrative", _("请求行政机关处理")
    COURT = "court", _("向人民法院起诉")


class Ending(models.TextChoices):
    """How a dispute ended."""

    NONE = "", _("未结")
    PERFORMED = "performed", _("协议已履行")
    BREACHED = "breached", _("协议未全部履行")
    REFUSED = "refused", _("当事人拒绝调解")
    FAILED = "failed", _("调解不成")
    WITHDRAWN = "withdrawn", _("申请人撤回")
    REFERRED = "referred", _("转有关机关")
    NOT_ACCEPTED = "not_accepted", _("不予受理")


class Colour(models.TextChoices):
    """How urgent a dispute is (五色). Set by a person with a reason; it grades the dispute and never a person."""

    NONE = "", _("未定级")
    RED = "red", _("红")
    ORANGE = "orange", _("橙")
    YELLOW = "yellow", _("黄")
    BLUE = "blue", _("蓝")
    GREEN = "green", _("绿")


class SessionKind(models.TextChoices):
    MEDIATION = "mediation", _("调解会")
    CONSULTATION = "consultation", _("联合会商（三长会商）")


class SessionOutcome(models.TextChoices):
    NONE = "", _("未记录")
    AGREED = "agreed", _("各方达成一致")
    PARTLY = "partly", _("部分达成一致")
    CONTINUE = "continue", _("另行安排再调")
    FAILED = "failed", _("未达成一致")
    ADVICE = "advice", _("形成会商意见")


class MaterialKind(models.TextChoices):
    """What a paper in the file is, in the order of the file."""

    IDENTITY = "identity", _("当事人身份证明")
    AUTHORISATION = "authorisation", _("授权委托书")
    ENQUIRY = "enquiry", _("调查记录")
    EVIDENCE = "evidence", _("证据材料")
    SIGNED = "signed", _("签字文书扫描件")
    PERFORMANCE = "performance", _("履行凭证")
    COURT = "court", _("司法确认材料")
    NOTE = "note", _("卷宗情况说明")


class AgreementForm(models.TextChoices):
    WRITTEN = "written", _("书面协议")
    ORAL = "oral", _("口头协议")


class Advice(models.TextChoices):
    """What was advised when a promise was broken (人民调解法, articles 31 to 33)."""

    URGED = "urged", _("督促履行")
    AGAIN = "again", _("就履行再次调解")
    SUE = "sue", _("就协议向人民法院起诉")
    ENFORCE = "enforce", _("凭司法确认裁定申请强制执行")


class ExclusionGround(models.TextChoices):
    """Why a mediator does not mediate a dispute."""

    INTEREST = "interest", _("与纠纷或当事人有利害关系")
    RECUSAL = "recusal", _("当事人要求更换")


class KeepTerm(models.IntegerChoices):
    """For how many years a file is kept (保管期限), beginning with the year after it was filed."""

    LONG = 10, _("10 年")
    LONGER = 30, _("30 年")
    FOREVER = 100, _("永久")


class Satisfaction(models.TextChoices):
    SATISFIED = "satisfied", _("满意")
    FAIR = "fair", _("基本满意")
    NOT = "not", _("不满意")
