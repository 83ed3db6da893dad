"""Photos and documents of a case: checked, kept under a random name, given out by the view rule alone.

The file is on the disk before its row is written. A transaction that fails leaves a file without a row,
which `manage.py sweep_files` removes a day later; a row without a file cannot come about.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from accounts.models import Post, User
from cases import documents, personal, pictures
from cases.errors import NotFound, ReasonFirst
from cases.events import ANONYMISED
from cases.filetypes import JPEG, PDF, BadFile, FileType, check_ending, clean_name, sniff
from cases.loaders import sees_inner
from cases.models import Attachment, Case, CaseEvent, Stage

__all__ = [
    "BadFile",
    "Papers",
    "Prepared",
    "erase",
    "open_for",
    "path_of",
    "prepare",
    "prepare_all",
    "respond",
    "store",
    "sweep",
    "wrong_files",
]

SWEEP_AFTER: Final = timedelta(days=1)
# Under this name an entry's data holds the SHA-256 of each file that came with it. No names: a file's name may
# hold a person's, and the record cannot be erased.
DIGESTS: Final = "sha256"
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A checked file, ready to be kept. Pictures carry a thumbnail and their size in pixels."""

    name: str
    content_type: str
    content: bytes
    sha256: str
    thumbnail: bytes | None = None
    width: int | None = None
    height: int | None = None


def prepare(upload: UploadedFile[Any], *, picture_only: bool) -> Prepared:
    """Check a file by its content; draw a picture anew. Takes up to a second: call it before locking.

    Raises BadFile, whose message says what is wrong with the file and what to do.
    """
    data = _read(upload)
    name = upload.name or ""
    found = sniff(data)
    if found is not None and found.picture:
        check_ending(name, found)
        return _picture(name, data)
    if found is None:
        found = documents.check_office(data)
    check_ending(name, found)
    if picture_only:
        raise BadFile(_("这里只收照片（JPEG、PNG、WebP），这个文件是 %(found)s。") % {"found": found.label})
    if found is PDF:
        documents.check_pdf(data)
    return _document(name, data, found)


Papers: TypeAlias = "Mapping[str, Sequence[UploadedFile[Any] | Prepared | BadFile]]"


def prepare_all(papers: Papers, names: Mapping[str, bool], *, most: int) -> Papers:
    """Check the files of the named fields (name -> pictures only), so that a form takes them as they are.

    What is wrong with a file takes its place and is raised by its form field. Of a field with more than `most`
    files none is looked at: the field refuses it by the number.
    """
    checked = {}
    for name, picture_only in names.items():
        given = papers.getlist(name) if isinstance(papers, MultiValueDict) else papers.get(name, [])
        few = len(given) <= most
        checked[name] = [_checked(one, picture_only) if few else one for one in given]
    return checked


def _checked(given: UploadedFile[Any] | Prepared | BadFile, picture_only: bool) -> Prepared | BadFile:
    if isinstance(given, Prepared | BadFile):
        return given
    try:
        return prepare(given, picture_only=picture_only)
    except BadFile as error:
        return error


def _read(upload: UploadedFile[Any]) -> bytes:
    limit = settings.GEZHI_MAX_UPLOAD_BYTES
    # One byte more than the limit is read, in case a stream is longer than it says.
    upload.seek(0)
    data = upload.read(limit + 1) if (upload.size or 0) <= limit else b""
    if (upload.size or 0) > limit or len(data) > limit:
        raise BadFile(
            _("文件太大（最多 %(megabytes)s MB）。请缩小照片，或把文件拆开后再上传。")
            % {"megabytes": limit // (1024 * 1024)},
            code="file_too_large",
        )
    return bytes(data)


def _picture(name: str, data: bytes) -> Prepared:
    drawn = pictures.redraw(data)
    return Prepared(
        name=clean_name(name, JPEG.ending),
        content_type=JPEG.content_type,
        content=drawn.content,
        sha256=hashlib.sha256(drawn.content).hexdigest(),
        thumbnail=drawn.thumbnail,
        width=drawn.width,
        height=drawn.height,
    )


def _document(name: str, data: bytes, found: FileType) -> Prepared:
    digest = hashlib.sha256(data).hexdigest()
    return Prepared(clean_name(name, found.ending), found.content_type, data, digest)


def path_of(key: uuid.UUID, *, thumb: bool = False) -> Path:
    """Where a file lies; the name on the disk tells nothing about it."""
    return Path(settings.MEDIA_ROOT) / key.hex[:2] / (f"{key}.thumb" if thumb else str(key))


def store(
    prepared: Prepared, *, event: CaseEvent, by: Post | None, stage: Stage | str, inner: bool, at: datetime
) -> Attachment:
    """Keep a checked file with the entry it came with; in the caller's transaction, files first."""
    key = uuid.uuid4()
    _write(path_of(key), prepared.content)
    if prepared.thumbnail is not None:
        _write(path_of(key, thumb=True), prepared.thumbnail)
    return Attachment.objects.create(
        case_id=event.case_id,
        event=event,
        post=by,
        key=key,
        name=prepared.name,
        content_type=prepared.content_type,
        size=len(prepared.content),
        sha256=prepared.sha256,
        stage=stage,
        inner=inner or event.inner,
        width=prepared.width,
        height=prepared.height,
        created_at=at,
    )


def digests(papers: Mapping[Stage, Sequence[Prepared]]) -> dict[str, list[str]]:
    """What an entry's data says of the files that come with it; nothing when there are none."""
    found = [paper.sha256 for prepared in papers.values() for paper in prepared]
    return {DIGESTS: found} if found else {}


def store_all(
    papers: Mapping[Stage, Sequence[Prepared]], *, event: CaseEvent, by: Post | None, at: datetime
) -> None:
    """Keep all files of an entry, each marked by what it shows."""
    for stage, prepared in papers.items():
        for paper in prepared:
            store(paper, event=event, by=by, stage=stage, inner=event.inner, at=at)


def _write(path: Path, content: bytes) -> None:
    """Write durably, readable by our own account alone; the name must be new."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def open_for(user: User, key: uuid.UUID) -> Attachment:
    """The attachment, if the person may see its case now, and the inner ones only to those who handle it.

    The scans of a dispute show who the parties are: they ask for a reason like all that does. Raises NotFound
    otherwise, whether or not it exists, and ReasonFirst.
    """
    seen = Attachment.objects.filter(case__in=Case.objects.visible_to(user))
    attachment = seen.select_related("case").filter(key=key).first()
    if attachment is None or (attachment.inner and not sees_inner(user, attachment.case)):
        raise NotFound(_("没有找到这个附件，或者它不在您的岗位范围内。"))
    case = attachment.case
    if attachment.asks_why and not personal.shown_lately(case, user):
        told = _("扫描件里有当事人的完整信息，请先写明查看原因；半小时内可以打开这个纠纷的扫描件。")
        raise ReasonFirst(told, where=f"{case.get_absolute_url()}#reveal")
    return attachment


def respond(request: HttpRequest, attachment: Attachment, *, thumb: bool = False) -> HttpResponseBase:
    """The bytes: pictures (drawn by us) in the page, everything else as a download that nothing may run.

    Browsers keep a copy but ask each time, so that an ended post ends the view. Raises NotFound when
    the file itself is gone.
    """
    small = thumb and attachment.is_picture
    headers = _HEADERS | {"ETag": f'"{attachment.sha256}{"-thumb" if small else ""}"'}
    unchanged = get_conditional_response(request, etag=headers["ETag"])
    if unchanged is not None:
        for name, value in headers.items():
            unchanged[name] = value
        return unchanged
    try:
        stream = path_of(attachment.key, thumb=small).open("rb")
    except FileNotFoundError as error:
        raise NotFound(_("附件的文件不在了，请告诉系统管理员。"), code="file_missing") from error
    return FileResponse(
        stream,
        as_attachment=not attachment.is_picture,
        filename=attachment.name,
        content_type=attachment.content_type,
        headers=headers,
    )


def sweep(now: datetime) -> Iterator[Path]:
    """Remove files without a row, left by failed transactions more than a day ago; yields each."""
    root = Path(settings.MEDIA_ROOT)
    limit = (now - SWEEP_AFTER).timestamp()
    for folder in sorted(root.glob("[0-9a-f][0-9a-f]")):
        old = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < limit]
        known = set(Attachment.objects.filter(key__in=_keys(old)).values_list("key", flat=True))
        for path in old:
            if _key(path) not in known:
                path.unlink(missing_ok=True)
                yield path


def erase(case: Case) -> None:
    """Take the papers of a case away for good; the record keeps their digests. Part of anonymising."""
    papers = list(case.attachments.all())
    case.attachments.all().delete()
    for paper in papers:
        transaction.on_commit(partial(_unlink, paper.key))


def _unlink(key: uuid.UUID) -> None:
    # Should this not happen - the power fails - the sweep finds files without a row.
    for path in (path_of(key), path_of(key, thumb=True)):
        path.unlink(missing_ok=True)


def wrong_files(case: Case) -> Iterator[str]:
    """Say which files of a case are not those that its record tells of: swapped, lost, added or taken away.

    An entry without digests, written before they were kept, is compared with the rows alone. Anonymising, which
    leaves an entry, takes them all.
    """
    if case.events.filter(verb=ANONYMISED).exists():
        yield from (f"{case.number} file {paper.key}" for paper in case.attachments.all())
        return
    rows: dict[int, list[Attachment]] = {}
    for paper in case.attachments.order_by("pk"):
        rows.setdefault(paper.event_id, []).append(paper)
    for event in case.events.order_by("seq"):
        papers = rows.get(event.pk, [])
        recorded = event.data.get(DIGESTS)
        if recorded is not None and sorted(recorded) != sorted(paper.sha256 for paper in papers):
            yield f"{case.number}#{event.seq} papers"
        for paper in papers:
            if _digest_on_disk(paper) != paper.sha256:
                yield f"{case.number}#{event.seq} file {paper.key}"


def _digest_on_disk(paper: Attachment) -> str:
    try:
        with path_of(paper.key).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _key(path: Path) -> uuid.UUID | None:
    try:
        return uuid.UUID(path.name.removesuffix(".thumb"))
    except ValueError:
        return None


def _keys(paths: list[Path]) -> set[uuid.UUID]:
    return {key for path in paths if (key := _key(path)) is not None}
