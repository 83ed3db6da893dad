"""Papers of a file, and the templates by which they are made."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Post
from cases.models import Case
from mediation import choices as c
from mediation.models.columns import known
from mediation.models.people import Party


class Material(models.Model):
    """A paper of the file, with its words or its files. `sides`: whom it concerns; empty: all sides.

    Its files are those of the entry that brought it, number `seq` of the record.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="materials")
    kind = models.CharField(max_length=16, choices=c.MaterialKind.choices)
    title = models.CharField(max_length=120)
    on = models.DateField()
    place = models.CharField(max_length=120, blank=True)
    words = models.TextField(max_length=20000, blank=True)
    party = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="materials")
    sides = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    by = models.ForeignKey(Post, models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [known("material_kind_known", "kind", c.MaterialKind.values)]

    def __str__(self) -> str:
        return self.title


class PaperTemplate(models.Model):
    """A version of the template of a paper, as an office uploaded it; every version is kept.

    `paper`: a code of a template. `format`: txt for PDF (and Word, where no docx was uploaded), docx for Word. Empty
    `content`: the program's own template stands again.
    """

    paper = models.CharField(max_length=24)
    format = models.CharField(max_length=4, choices=[("txt", "PDF"), ("docx", "Word")])
    version = models.PositiveIntegerField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    note = models.CharField(max_length=200, blank=True)
    uploaded_by = models.ForeignKey(Post, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["paper", "format", "-version"]
        constraints = [
            models.UniqueConstraint(name="paper_template_once", fields=["paper", "format", "version"]),
            known("paper_template_format_known", "format", ["txt", "docx"]),
        ]

    def __str__(self) -> str:
        return f"{self.paper}.{self.format} v{self.version}"
