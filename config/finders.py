"""The few files of the front-end packages that pages use, served as static files under vendor/."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

# Static path without "vendor/" -> path in node_modules.
VENDOR = {
    "tabler/css/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler/css/tabler.min.css.map": "@tabler/core/dist/css/tabler.min.css.map",
    "echarts/echarts.js": "echarts/dist/echarts.common.min.js",
    "htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet/leaflet.js.map": "leaflet/dist/leaflet.js.map",
    "leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet/images/layers.png": "leaflet/dist/images/layers.png",
    "leaflet/images/layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "leaflet/images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "leaflet/images/marker-icon-2x.png": "leaflet/dist/images/marker-icon-2x.png",
    "leaflet/images/marker-shadow.png": "leaflet/dist/images/marker-shadow.png",
    "markercluster/leaflet.markercluster.js": "leaflet.markercluster/dist/leaflet.markercluster.js",
    "markercluster/leaflet.markercluster.js.map": "leaflet.markercluster/dist/leaflet.markercluster.js.map",
    "markercluster/MarkerCluster.css": "leaflet.markercluster/dist/MarkerCluster.css",
}


class _Renamed(FileSystemStorage):
    """Reads a vendor path from where the package keeps it."""

    prefix = "vendor"

    def path(self, name: str) -> str:
        return str(settings.GEZHI_NODE_MODULES / VENDOR[name])


class VendorFinder(BaseFinder):
    """Finds what the table above lists and nothing else of the packages."""

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file behind a static path, or an empty list."""
        source = VENDOR.get(path.removeprefix("vendor/")) if path.startswith("vendor/") else None
        if source is None:
            return []
        found = str(settings.GEZHI_NODE_MODULES / source)
        return [found] if find_all or kwargs.get("all") else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:
        """Every listed file, for collectstatic."""
        storage = _Renamed()
        for name in VENDOR:
            yield name, storage
