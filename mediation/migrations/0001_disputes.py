"""Disputes: committees and their numbers, parties, attempts, sessions, agreements, papers, subsidies."""

from decimal import Decimal

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0003_actions_on_the_catalogue"),
        ("cases", "0005_case_keep_until"),
        ("grids", "0001_places"),
    ]

    operations = [
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("state", models.CharField(default="seeking", max_length=12)),
                ("proposed_at", models.DateTimeField()),
                ("begun_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "form",
                    models.CharField(choices=[("written", "书面协议"), ("oral", "口头协议")], max_length=8),
                ),
                ("state", models.CharField(default="drafted", max_length=12)),
                ("facts", models.TextField(max_length=4000)),
                ("issues", models.TextField(max_length=2000)),
                ("content", models.TextField(max_length=6000)),
                ("manner", models.CharField(max_length=200)),
                ("term", models.CharField(max_length=200)),
                ("copies", models.PositiveSmallIntegerField(default=3)),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                    ),
                ),
                ("mediator_signed_on", models.DateField(blank=True, null=True)),
                ("sealed_on", models.DateField(blank=True, null=True)),
                ("effective_on", models.DateField(blank=True, null=True)),
                (
                    "attempt",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreement",
                        to="mediation.attempt",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField()),
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calendar_feed",
                        to="accounts.post",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Committee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
                ("letters", models.CharField(max_length=12, unique=True)),
                ("telephone", models.CharField(blank=True, max_length=20)),
                ("window", models.CharField(blank=True, max_length=80)),
                ("closed_on", models.DateField(blank=True, null=True)),
                (
                    "division",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mediation_committee",
                        to="grids.division",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("state", models.CharField(default="applied", max_length=12)),
                ("court", models.CharField(max_length=80)),
                ("applied_on", models.DateField()),
                ("accepted_on", models.DateField(blank=True, null=True)),
                ("decided_on", models.DateField(blank=True, null=True)),
                ("ruling", models.CharField(blank=True, max_length=60)),
                (
                    "agreement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmation",
                        to="mediation.agreement",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Docket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "tier",
                    models.CharField(
                        choices=[
                            ("village", "村级（劝调）"),
                            ("township", "乡级（联调）"),
                            ("county", "县级（终调）"),
                        ],
                        max_length=8,
                    ),
                ),
                ("received_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("year", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("serial", models.PositiveIntegerField(blank=True, null=True)),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("exhausted", "三次调解不成"),
                            ("wish", "各方都希望上级调解"),
                            ("early", "提前报送"),
                            ("skipped", "越过一级报送"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dockets", to="cases.case"
                    ),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dockets",
                        to="mediation.committee",
                    ),
                ),
            ],
            options={
                "ordering": [models.OrderBy(models.F("left_at"), nulls_last=True), "pk"],
            },
        ),
        migrations.AddField(
            model_name="attempt",
            name="docket",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="attempts", to="mediation.docket"
            ),
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("leads", models.BooleanField(default=False)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(blank=True, null=True)),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.post"
                    ),
                ),
                (
                    "docket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="mediation.docket",
                    ),
                ),
            ],
            options={
                "ordering": ["-leads", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Expert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("organisation", models.CharField(max_length=80)),
                ("duty", models.CharField(blank=True, max_length=60)),
                ("telephone", models.CharField(blank=True, max_length=20)),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24), default=list, size=None
                    ),
                ),
                ("until", models.DateField(blank=True, null=True)),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="experts",
                        to="mediation.committee",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Mediation",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="mediation",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("family", "婚姻家庭纠纷"),
                            ("neighbour", "邻里纠纷"),
                            ("housing", "房屋宅基地纠纷"),
                            ("contract", "合同纠纷"),
                            ("business", "生产经营纠纷"),
                            ("damages", "损害赔偿纠纷"),
                            ("land", "山林土地纠纷"),
                            ("expropriation", "征地拆迁纠纷"),
                            ("environment", "环境污染纠纷"),
                            ("labour", "劳动争议纠纷"),
                            ("consumer", "消费纠纷"),
                            ("medical", "医疗纠纷"),
                            ("traffic", "道路交通事故纠纷"),
                            ("property", "物业纠纷"),
                            ("other", "其他纠纷"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("walk_in", "群众来访"),
                            ("grid", "网格员上报"),
                            ("incident", "事件转来"),
                            ("hotline", "12345 热线"),
                            ("court", "法院诉前（诉调）"),
                            ("police", "公安移送（警调）"),
                            ("petition", "信访转来（访调）"),
                            ("procuratorate", "检察院移送（检调）"),
                            ("administrative", "行政机关移送（政调）"),
                        ],
                        max_length=16,
                    ),
                ),
                ("source_number", models.CharField(blank=True, max_length=60)),
                (
                    "initiative",
                    models.CharField(
                        choices=[("applied", "当事人申请"), ("own", "调委会主动"), ("entrusted", "委托移送")],
                        max_length=12,
                    ),
                ),
                ("brief", models.TextField(max_length=4000)),
                ("request", models.TextField(blank=True, max_length=2000)),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                    ),
                ),
                ("fast", models.BooleanField(default=False)),
                ("cross_division", models.BooleanField(default=False)),
                (
                    "colour",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "未定级"),
                            ("red", "红"),
                            ("orange", "橙"),
                            ("yellow", "黄"),
                            ("blue", "蓝"),
                            ("green", "绿"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("look_on", models.DateField(blank=True, null=True)),
                ("rights_told_on", models.DateField(blank=True, null=True)),
                ("extended_days", models.PositiveSmallIntegerField(default=0)),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "未结"),
                            ("performed", "协议已履行"),
                            ("breached", "协议未全部履行"),
                            ("refused", "当事人拒绝调解"),
                            ("failed", "调解不成"),
                            ("withdrawn", "申请人撤回"),
                            ("referred", "转有关机关"),
                            ("not_accepted", "不予受理"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("keep_years", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("filed_on", models.DateField(blank=True, null=True)),
                (
                    "filed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.post",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PaperTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("paper", models.CharField(max_length=24)),
                ("format", models.CharField(choices=[("txt", "PDF"), ("docx", "Word")], max_length=4)),
                ("version", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("uploaded_at", models.DateTimeField()),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.post"
                    ),
                ),
            ],
            options={
                "ordering": ["paper", "format", "-version"],
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "side",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "甲方"), (2, "乙方"), (3, "丙方"), (4, "丁方"), (5, "戊方"), (6, "己方")]
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("person", "自然人"), ("organisation", "单位")], max_length=12),
                ),
                ("state", models.CharField(default="present", max_length=12)),
                (
                    "sex",
                    models.CharField(
                        blank=True,
                        choices=[("", "未填"), ("male", "男"), ("female", "女")],
                        default="",
                        max_length=8,
                    ),
                ),
                ("nation", models.CharField(blank=True, max_length=20)),
                ("age", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("occupation", models.CharField(blank=True, max_length=60)),
                ("digest", models.CharField(blank=True, max_length=64)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parties", to="cases.case"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "parties",
                "ordering": ["side", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Material",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("identity", "当事人身份证明"),
                            ("authorisation", "授权委托书"),
                            ("enquiry", "调查记录"),
                            ("evidence", "证据材料"),
                            ("signed", "签字文书扫描件"),
                            ("performance", "履行凭证"),
                            ("court", "司法确认材料"),
                            ("note", "卷宗情况说明"),
                        ],
                        max_length=16,
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("on", models.DateField()),
                ("place", models.CharField(blank=True, max_length=120)),
                ("words", models.TextField(blank=True, max_length=20000)),
                (
                    "sides",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.post"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="materials", to="cases.case"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="materials",
                        to="mediation.party",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Exclusion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ground",
                    models.CharField(
                        choices=[("interest", "与纠纷或当事人有利害关系"), ("recusal", "当事人要求更换")],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exclusions",
                        to="cases.case",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.post"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="mediation.party",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("agreed_on", models.DateField()),
                (
                    "manner",
                    models.CharField(
                        choices=[
                            ("in_person", "当面口头"),
                            ("written", "书面"),
                            ("telephone", "电话"),
                            ("online", "网上"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="mediation.attempt",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="mediation.party",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.CharField(max_length=300)),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                    ),
                ),
                ("due_on", models.DateField()),
                ("state", models.CharField(default="open", max_length=12)),
                ("settled_on", models.DateField(blank=True, null=True)),
                (
                    "advice",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), blank=True, default=list, size=None
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="promises",
                        to="mediation.agreement",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="promises",
                        to="mediation.party",
                    ),
                ),
            ],
            options={
                "ordering": ["due_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Representative",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "authority",
                    models.CharField(
                        choices=[
                            ("legal", "法定代理人或负责人"),
                            ("general", "一般授权"),
                            ("special", "特别授权（可以代为和解、签字）"),
                        ],
                        max_length=8,
                    ),
                ),
                ("relation", models.CharField(blank=True, max_length=40)),
                ("since", models.DateField()),
                ("until", models.DateField(blank=True, null=True)),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="representatives",
                        to="mediation.party",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="RoutesNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "routes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16), size=None
                    ),
                ),
                (
                    "manner",
                    models.CharField(
                        choices=[
                            ("in_person", "当面口头"),
                            ("written", "书面"),
                            ("telephone", "电话"),
                            ("online", "网上"),
                        ],
                        max_length=12,
                    ),
                ),
                ("given_on", models.DateField()),
                ("reason", models.TextField(blank=True, max_length=2000)),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="routes_notice",
                        to="cases.case",
                    ),
                ),
                (
                    "docket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="mediation.docket"
                    ),
                ),
                (
                    "refused_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="mediation.party",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Serial",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("last", models.PositiveIntegerField(default=0)),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="serials",
                        to="mediation.committee",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("mediation", "调解会"), ("consultation", "联合会商（三长会商）")],
                        max_length=16,
                    ),
                ),
                ("state", models.CharField(default="planned", max_length=12)),
                ("starts_at", models.DateTimeField()),
                ("minutes", models.PositiveSmallIntegerField(default=60)),
                ("place", models.CharField(max_length=120)),
                ("public", models.BooleanField(default=False)),
                ("matter", models.CharField(blank=True, max_length=200)),
                ("held_from", models.DateTimeField(blank=True, null=True)),
                ("held_until", models.DateTimeField(blank=True, null=True)),
                ("record", models.TextField(blank=True, max_length=20000)),
                ("draft", models.JSONField(blank=True, default=dict)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "未记录"),
                            ("agreed", "各方达成一致"),
                            ("partly", "部分达成一致"),
                            ("continue", "另行安排再调"),
                            ("failed", "未达成一致"),
                            ("advice", "形成会商意见"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                (
                    "attempt",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="mediation.attempt",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sessions", to="cases.case"
                    ),
                ),
                (
                    "docket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="mediation.docket",
                    ),
                ),
                (
                    "planned_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.post"
                    ),
                ),
            ],
            options={
                "ordering": ["starts_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("named", models.CharField(blank=True, max_length=80)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "manner",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("in_person", "当面口头"),
                            ("written", "书面"),
                            ("telephone", "电话"),
                            ("online", "网上"),
                        ],
                        max_length=12,
                    ),
                ),
                ("present", models.BooleanField(blank=True, null=True)),
                (
                    "expert",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="mediation.expert",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.post",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="mediation.party",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="mediation.session",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("signed_on", models.DateField()),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="mediation.agreement",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="mediation.party"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Subsidy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("grade", models.CharField(max_length=16)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=6)),
                ("state", models.CharField(default="claimed", max_length=12)),
                ("claimed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("paid_on", models.DateField(blank=True, null=True)),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="subsidy", to="cases.case"
                    ),
                ),
                (
                    "claimed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.post"
                    ),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subsidies",
                        to="mediation.committee",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.post",
                    ),
                ),
                (
                    "payee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.post"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "subsidies",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField()),
                (
                    "manner",
                    models.CharField(
                        choices=[
                            ("in_person", "当面口头"),
                            ("written", "书面"),
                            ("telephone", "电话"),
                            ("online", "网上"),
                        ],
                        max_length=12,
                    ),
                ),
                ("performed", models.BooleanField()),
                (
                    "satisfaction",
                    models.CharField(
                        choices=[("satisfied", "满意"), ("fair", "基本满意"), ("not", "不满意")],
                        max_length=12,
                    ),
                ),
                ("words", models.TextField(blank=True, max_length=2000)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.post"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="visits", to="cases.case"
                    ),
                ),
            ],
            options={
                "ordering": ["on", "pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("form__in", ["written", "oral"])), name="agreement_form_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["drafted", "effective", "void"])),
                name="agreement_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("effective_on__isnull", False), ("state", "effective")),
                    models.Q(models.Q(("state", "effective"), _negated=True), ("effective_on__isnull", True)),
                    _connector="OR",
                ),
                name="agreement_effective_has_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("form", "written"), ("state", "effective"), _negated=True),
                    models.Q(("mediator_signed_on__isnull", False), ("sealed_on__isnull", False)),
                    _connector="OR",
                ),
                name="agreement_written_is_signed",
            ),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["applied", "accepted", "confirmed", "rejected", "dropped"])
                ),
                name="confirmation_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["confirmed", "rejected"]), _negated=True),
                    ("decided_on__isnull", False),
                    _connector="OR",
                ),
                name="confirmation_decided_has_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="docket",
            constraint=models.UniqueConstraint(
                fields=("committee", "year", "serial"), name="docket_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="docket",
            constraint=models.UniqueConstraint(
                condition=models.Q(("left_at__isnull", True)), fields=("case",), name="docket_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="docket",
            constraint=models.CheckConstraint(
                condition=models.Q(("tier__in", ["village", "township", "county"])), name="docket_tier_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="docket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at__isnull", True), ("serial__isnull", True), ("year__isnull", True)),
                    models.Q(
                        ("accepted_at__isnull", False), ("serial__isnull", False), ("year__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="docket_accepted_has_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="docket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("left_at__isnull", True), ("way", "")),
                    ("left_at__isnull", False),
                    _connector="OR",
                ),
                name="docket_left_has_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["seeking", "running", "failed", "agreed", "stopped"])),
                name="attempt_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(fields=("docket", "number"), name="attempt_number_once"),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__range", (1, 3))), name="attempt_three_a_tier"
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until__isnull", True)), fields=("docket", "post"), name="assignment_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("leads", True), ("until__isnull", True)),
                fields=("docket",),
                name="assignment_one_leads",
            ),
        ),
        migrations.AddConstraint(
            model_name="expert",
            constraint=models.UniqueConstraint(
                fields=("committee", "name", "organisation"), name="expert_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="expert",
            constraint=models.CheckConstraint(
                condition=models.Q(("fields", []), _negated=True), name="expert_has_field"
            ),
        ),
        migrations.AddConstraint(
            model_name="mediation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "family",
                            "neighbour",
                            "housing",
                            "contract",
                            "business",
                            "damages",
                            "land",
                            "expropriation",
                            "environment",
                            "labour",
                            "consumer",
                            "medical",
                            "traffic",
                            "property",
                            "other",
                        ],
                    )
                ),
                name="mediation_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "source__in",
                        [
                            "walk_in",
                            "grid",
                            "incident",
                            "hotline",
                            "court",
                            "police",
                            "petition",
                            "procuratorate",
                            "administrative",
                        ],
                    )
                ),
                name="mediation_source_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediation",
            constraint=models.CheckConstraint(
                condition=models.Q(("initiative__in", ["applied", "own", "entrusted"])),
                name="mediation_initiative_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediation",
            constraint=models.CheckConstraint(
                condition=models.Q(("colour__in", ["", "red", "orange", "yellow", "blue", "green"])),
                name="mediation_colour_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "ending__in",
                        [
                            "",
                            "performed",
                            "breached",
                            "refused",
                            "failed",
                            "withdrawn",
                            "referred",
                            "not_accepted",
                        ],
                    )
                ),
                name="mediation_ending_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("colour", ""), ("look_on__isnull", True)),
                    models.Q(models.Q(("colour", ""), _negated=True), ("look_on__isnull", False)),
                    _connector="OR",
                ),
                name="mediation_colour_has_look",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("filed_by__isnull", True), ("filed_on__isnull", True), ("keep_years__isnull", True)
                    ),
                    models.Q(
                        ("filed_by__isnull", False),
                        ("filed_on__isnull", False),
                        ("keep_years__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="mediation_filed_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="papertemplate",
            constraint=models.UniqueConstraint(
                fields=("paper", "format", "version"), name="paper_template_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="papertemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("format__in", ["txt", "docx"])), name="paper_template_format_known"
            ),
        ),
        migrations.AddIndex(
            model_name="party",
            index=models.Index(
                condition=models.Q(("digest", ""), _negated=True), fields=["digest"], name="party_digest"
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["person", "organisation"])), name="party_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["present", "left"])), name="party_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(("sex__in", ["", "male", "female"])), name="party_sex_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", [1, 2, 3, 4, 5, 6])), name="party_side_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="material",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "identity",
                            "authorisation",
                            "enquiry",
                            "evidence",
                            "signed",
                            "performance",
                            "court",
                            "note",
                        ],
                    )
                ),
                name="material_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="exclusion",
            constraint=models.UniqueConstraint(fields=("case", "post"), name="exclusion_once"),
        ),
        migrations.AddConstraint(
            model_name="exclusion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ground", "recusal"), _negated=True), ("party__isnull", False), _connector="OR"
                ),
                name="exclusion_recusal_names_party",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(fields=("attempt", "party"), name="consent_once"),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("manner__in", ["in_person", "written", "telephone", "online"])),
                name="consent_manner_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "kept", "broken", "void"])),
                name="promise_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_on__isnull", True), ("state__in", ["open", "void"])),
                    models.Q(("settled_on__isnull", False), ("state__in", ["kept", "broken"])),
                    _connector="OR",
                ),
                name="promise_settled_has_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "broken"), _negated=True),
                    models.Q(("advice", []), _negated=True),
                    _connector="OR",
                ),
                name="promise_broken_has_advice",
            ),
        ),
        migrations.AddConstraint(
            model_name="representative",
            constraint=models.CheckConstraint(
                condition=models.Q(("authority__in", ["legal", "general", "special"])),
                name="representative_authority_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="routesnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(("routes", []), _negated=True), name="routes_notice_names_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="routesnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(("manner__in", ["in_person", "written", "telephone", "online"])),
                name="routes_notice_manner_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="serial",
            constraint=models.UniqueConstraint(fields=("committee", "year"), name="serial_once"),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["starts_at"], name="session_starts"),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["mediation", "consultation"])), name="session_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["planned", "held", "cancelled"])),
                name="session_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "held"), _negated=True),
                    models.Q(("outcome", ""), _negated=True),
                    _connector="OR",
                ),
                name="session_held_has_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "planned"), ("draft", {}), _connector="OR"),
                name="session_draft_while_planned",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "mediation"), _negated=True),
                    ("attempt__isnull", False),
                    _connector="OR",
                ),
                name="session_mediation_has_attempt",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("expert__isnull", True),
                        ("named", ""),
                        ("party__isnull", False),
                        ("post__isnull", True),
                    ),
                    models.Q(
                        ("expert__isnull", True),
                        ("named", ""),
                        ("party__isnull", True),
                        ("post__isnull", False),
                    ),
                    models.Q(
                        ("expert__isnull", False),
                        ("named", ""),
                        ("party__isnull", True),
                        ("post__isnull", True),
                    ),
                    models.Q(
                        ("expert__isnull", True),
                        ("party__isnull", True),
                        ("post__isnull", True),
                        models.Q(("named", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="invitation_one_guest",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                fields=("session", "party", "post", "expert", "named"),
                name="invitation_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.UniqueConstraint(fields=("agreement", "party"), name="signature_once"),
        ),
        migrations.AddIndex(
            model_name="subsidy",
            index=models.Index(fields=["state", "decided_at"], name="subsidy_decided"),
        ),
        migrations.AddConstraint(
            model_name="subsidy",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["claimed", "approved", "refused", "paid"])),
                name="subsidy_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidy",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__range", (Decimal("50"), Decimal("500")))),
                name="subsidy_amount_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "claimed"),
                    models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="subsidy_decided_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paid_on__isnull", False), ("state", "paid")),
                    models.Q(models.Q(("state", "paid"), _negated=True), ("paid_on__isnull", True)),
                    _connector="OR",
                ),
                name="subsidy_paid_has_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(("manner__in", ["in_person", "written", "telephone", "online"])),
                name="visit_manner_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(("satisfaction__in", ["satisfied", "fair", "not"])),
                name="visit_satisfaction_known",
            ),
        ),
    ]
