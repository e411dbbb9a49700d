"""The run's own pages, its Allure report and what hangs on it, read only; shown on a port apart from the forms."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, Response

SHOWN = ("index.html", "gate.json")
FOLDERS = ("allure-report", "load")


def made(run_dir: Path) -> FastAPI:
    """Files of that run folder, and nothing outside of it."""
    app = FastAPI(title="证据 evidence", docs_url=None, redoc_url=None, openapi_url=None)
    root = run_dir.resolve()

    @app.get("/{name:path}")
    def shown(name: str) -> Response:
        file = (root / name).resolve()
        inside = name in SHOWN or any(file.is_relative_to(root / folder) for folder in FOLDERS)
        if not inside or not file.is_file():
            return Response("没有这个文件 no such file", 404, media_type="text/plain; charset=utf-8")
        return FileResponse(file)

    return app
