"""Administration of the catalogue of matters stands in the record too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_rules_of_the_database"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="adminevent",
            name="admin_event_action_known",
        ),
        migrations.AlterField(
            model_name="adminevent",
            name="action",
            field=models.CharField(
                choices=[
                    ("user.created", "新建账号"),
                    ("user.changed", "修改资料"),
                    ("user.deactivated", "停用账号"),
                    ("user.reactivated", "恢复账号"),
                    ("link.issued", "签发一次性链接"),
                    ("password.first_set", "凭链接设置密码"),
                    ("password.changed", "修改密码"),
                    ("token.issued", "签发接口令牌"),
                    ("post.given", "任命岗位"),
                    ("post.ended", "终止岗位"),
                    ("post.handed_over", "移交岗位"),
                    ("roster.added", "值班排班"),
                    ("roster.removed", "撤销排班"),
                    ("category.proposed", "提出目录改动"),
                    ("category.withdrawn", "撤回目录改动"),
                    ("category.agreed", "同意目录改动"),
                    ("category.refused", "不同意目录改动"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddConstraint(
            model_name="adminevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "action__in",
                        [
                            "user.created",
                            "user.changed",
                            "user.deactivated",
                            "user.reactivated",
                            "link.issued",
                            "password.first_set",
                            "password.changed",
                            "token.issued",
                            "post.given",
                            "post.ended",
                            "post.handed_over",
                            "roster.added",
                            "roster.removed",
                            "category.proposed",
                            "category.withdrawn",
                            "category.agreed",
                            "category.refused",
                        ],
                    )
                ),
                name="admin_event_action_known",
            ),
        ),
    ]
