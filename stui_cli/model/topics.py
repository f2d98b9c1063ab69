"""The topics of `stui help`: each is a manual page, or a section of one."""

from __future__ import annotations

from typing import NamedTuple


class Topic(NamedTuple):
    """`page` is the name of the file; `section` None means all of it."""

    about: str
    page: str
    section: str | None = None


TOPICS = {
    "context": Topic("Which image and session a command means.", "stui.1", "CONTEXT"),
    "selecting": Topic("How one image is named, or many at once.", "stui.1", "SELECTING IMAGES"),
    "source": Topic("Expressions, it and @REF, and the forms of files.", "stui-source.7"),
    "output": Topic("Tables, JSON and the other forms.", "stui.1", "OUTPUT"),
    "exit-codes": Topic("What each exit code means.", "stui.1", "EXIT STATUS"),
    "scripts": Topic("What scripts can rely on.", "stui.1", "SCRIPTS"),
    "cron": Topic("Running commands unattended.", "stui.1", "CRON"),
    "config": Topic("Every key of config.toml, and .stui.toml.", "stui-config.5"),
    "durations": Topic("How durations and sizes are written.", "stui-config.5", "DURATIONS AND SIZES"),
    "project": Topic("The file .stui.toml of a project.", "stui-config.5", "THE FILE .stui.toml"),
    "events": Topic("What on_change is told.", "stui-config.5", "THE EVENT OF on_change"),
    "environment": Topic("The environment variables.", "stui.1", "ENVIRONMENT"),
    "files": Topic("The files of stui.", "stui.1", "FILES"),
    "store": Topic("The files of the store: backup, and what may be deleted.", "stui-store.5"),
    "glossary": Topic("What the words mean.", "stui.1", "GLOSSARY"),
    "dialects": Topic("What holds for one Smalltalk alone.", "stui-agent.7", "THE DIALECTS"),
    "teams": Topic("One store for several people, in PostgreSQL.", "stui-teams.7"),
    "security": Topic("What protects an image, with recipes.", "stui-security.7"),
    "agent": Topic("The agent, and porting it.", "stui-agent.7"),
    "protocol": Topic("The wire between stui and an agent.", "stui-protocol.7"),
    "api": Topic("The same from a Python program.", "stui-api.3"),
    "manual": Topic("How man finds the pages of stui.", "stui.1", "THE MANUAL"),
}
