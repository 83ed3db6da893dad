"""The yearly project money of villages: its kind of bulletin, its fund, and among how many it is shared."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_actions_on_the_catalogue"),
        ("grids", "0001_places"),
        ("oversight", "0005_seen_by"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="bulletin",
            name="bulletin_kind_known",
        ),
        migrations.AddField(
            model_name="bulletin",
            name="fund",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="bulletin",
            name="villages",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="bulletin",
            name="kind",
            field=models.CharField(
                choices=[("monthly", "月通报"), ("quarterly", "季排名"), ("villages", "村项目资金")],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="bulletinentry",
            name="what",
            field=models.CharField(
                choices=[
                    ("made", "生成"),
                    ("counted", "重新计算"),
                    ("reworded", "修改文字"),
                    ("funded", "填写资金"),
                    ("released", "发布"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["monthly", "quarterly", "villages"])),
                name="bulletin_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "villages"), ("villages__range", (1, 1000))),
                    models.Q(
                        models.Q(("kind", "villages"), _negated=True),
                        ("fund__isnull", True),
                        ("villages__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="bulletin_money_of_villages",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.CheckConstraint(
                condition=models.Q(("fund__isnull", True), ("fund__gt", 0), _connector="OR"),
                name="bulletin_fund_above_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("fund__isnull", True), ("kind", "villages"), ("state", "released"), _negated=True
                ),
                name="bulletin_released_with_fund",
            ),
        ),
    ]
