"""Installing and writing out the network as jobs: they are done whatever becomes of who asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qafila.network import installed
from qafila.network.feed import read, write
from qafila.network.network_report import FeedErrors
from qafila.runtime.jobs import jobs_folders
from qafila.runtime.jobs.jobs_types import Running


def install(running: Running) -> Mapping[str, Any]:
    """Makes a feed that was handed in (`folder`), or the reference network where none is named, the network of this home.

    Returns:
        `loaded`, and either `name`, `version` and `id`, or `problems` (`FeedProblem.plain`).
    """
    folder = running.arguments.get("folder")
    running.tell("Reading the feed", 0, 2)
    try:
        feed = None if folder is None else read(jobs_folders.find(folder))
    except FeedErrors as errors:
        jobs_folders.let_go(folder or "")
        return {"loaded": False, "problems": [problem.plain() for problem in errors.problems]}
    running.tell("Installing the network", 1, 2)
    if feed is None:
        digest = installed.install_reference()
        feed = installed.Network(digest).feed
    else:
        with installed.changing():
            digest = installed.install(feed)
    if folder is not None:
        jobs_folders.let_go(folder)
    return {"loaded": True, "name": feed.name, "version": feed.version, "id": digest}


def write_out(running: Running) -> Mapping[str, Any]:
    """Writes the network of this home as a feed; `name`, `version` and in how many `files`."""
    feed = running.context.network.feed
    running.tell("Writing the feed", 0, 1)
    with jobs_folders.handing_out(running.id) as out:
        write(feed, out)
        files = sum(1 for _ in out.iterdir())
    return {"name": feed.name, "version": feed.version, "files": files}
