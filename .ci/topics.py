"""Sections of stui(1) that are topics of `stui help`, too: paragraphs, and lists of words with what they mean."""

from __future__ import annotations

from collections.abc import Mapping

Part = str | Mapping[str, str]

SECTIONS: dict[str, tuple[Part, ...]] = {
    "CONTEXT": (
        "A command means the image and session that its options name; else those of `STUI_IMAGE` and `STUI_SESSION`; "
        "else where `stui switch` went in this terminal; else what `.stui.toml` of the nearest folder above says; "
        "else the default context; else the only image there is. `stui context` tells which, "
        "and why, for the image and for the session; where one of them does not exist it says what named it (3). For "
        "prompts see `stui help completion`.",
        "`stui switch` changes this terminal alone, `stui switch --default` what every new terminal means; the first "
        "switch ever does both. Where no terminal controls the command, as in cron and CI, there is no context of a "
        "terminal, and `stui switch` changes the default. `stui switch -` goes back, `/SESSION` stays in the image.",
        "A switch that a variable would overrule fails, and names the variable.",
    ),
    "SELECTING IMAGES": (
        {
            "alpha": "An image, by the name that it has here.",
            "alpha/work": "The session work in it. Where a command takes one session, `alpha work` is understood too.",
            "prod-*": "Every image whose name fits; in quotes, so that the shell leaves it alone. `stui status`, "
            "`stui ping` and `stui eval -i` take one.",
            "prod-*/w*": "Every session whose name fits in every such image, for `stui sessions list`.",
            "-s work": "The session work in the image that is meant. A command for which a session means nothing "
            "refuses it.",
            "-l key=value": "Every image with this label; `stui images set NAME key=value` gives one. Of several "
            "`-l` all must fit.",
            "--all": "Every image, for commands that otherwise mean the current one.",
        },
        "Without names `stui status`, `stui check` and `stui cleanup` mean every image, most others the current one. "
        "What `-o name` prints is taken back as arguments: `stui images -o name | xargs -n1 stui images show`.",
    ),
    "OUTPUT": (
        "Data goes to standard output, everything else to standard error. A terminal gets a table, a pipe the same "
        "rows plain and at full width. `-o` chooses the form:",
        {
            "table": "Columns fitted to the terminal: a long text goes on in further lines of its cell, ten at most. "
            "Where that does not help columns are left out, from the right, which is told. Names are never cut.",
            "plain": "The same rows at full width, columns apart by two blanks.",
            "json": "One document with schema, kind, items, errors and warnings, valid also on failure.",
            "jsonl": "The same as one item a line.",
            "tsv": "Fields apart by tabs; what is no plain character is written out.",
            "name": "Names alone, one a line.",
            "prometheus": "Metrics, of `stui status`.",
        },
        "Tables and rows show the first line of a text of many with how many more there are, the first 60 characters "
        "of bytes, and how long ago something was; json and tsv have all of the text and the time itself.",
        "`--columns` chooses the fields and their order. A field is called by its key in JSON or by the heading of its "
        "column, in any case, with or without its unit: `latency_ms`, `LATENCY`. A field that the items of a command "
        "have not is refused before anything is done.",
        "Every command that lists takes `--sort` and `--limit`. `--sort -latency,name` puts the slowest first, and "
        "equal ones by name: numbers and times by what they are, a status or health by its urgency, what is not known "
        "last. `--limit 5` shows the first five of these, and says on standard error how many are left out; of the "
        "audit log and of a history, which end with the newest, it shows the last five where nothing is sorted. What "
        "is otherwise told as a text, as by `stui ping`, is a table then.",
        "Images, sessions, the log and the audit log are written while they are read, in every form; behind a limit, "
        "where nothing is sorted, nothing more is read, and `the rest left out` is all that is said of a long list. "
        "Of the audit log all is read. Where reading fails half way, by a fault of stui too, the rows before it stay "
        "true: the failure comes behind them, in json among the `errors` of a document that is ended, and decides the "
        "exit code. A column of a thousand rows is as wide as what is in them.",
        "`--template '{name} {status}'` writes a line for each item in place of a table. In braces stands a field, "
        "what is within it in brackets, and behind a colon how it is written, as in Python: `{value[print]}`, "
        "`{metadata[team]}`, `{stack[0]}`, `{latency_ms:>8.1f}`, `{name:20}`. What is not known is blank. `\\n` is a "
        "new line, `\\t` a tab, `{{` a brace. Line ends and control characters within a value are written out.",
        "`--no-headers` leaves out the headings, `-q` all that is neither data nor failure. Colours are for terminals, "
        "and never in json, jsonl, tsv and name: `--color`, `NO_COLOR`, `FORCE_COLOR` and `TERM` decide. "
        "What is longer than the terminal is shown by the pager "
        "(`STUI_PAGER`, `pager` in config.toml, `PAGER`, else `less`), in any form, where standard input and output "
        "are terminals: lists, logs, code and pages, but not what a command tells that does something, nor what goes "
        "on (`--watch`, `-f`). What is said on standard error comes after it. `--no-pager` prints it.",
        "What takes longer than a second (a launch, a sweep, a load, tests, code in many images, the doctor) tells on "
        "standard error, if that is a terminal, how many of how many are done and for how long it goes on; not with "
        "`-q`. The line is gone when the result is printed.",
    ),
    "SCRIPTS": (
        "Go by exit codes (EXIT STATUS) and by `-o json`, whose keys may become more, and are never renamed; "
        "tables are for people, and change.",
        {
            "--no-input": "Never ask: what needs an answer fails with 2. Without a terminal that is so anyway.",
            "-y": "Answer every question with yes.",
            "-i NAME": "Name the image, rather than rely on a context.",
            "--timeout DURATION": "Bound what a command talks with images; 6 and 5 tell a time-out from a refusal.",
            "--once KEY": "Of `stui eval`: run it at most once, however often the script is tried.",
        },
        "`stui eval -` runs many expressions, one a line, over one connection, which is far quicker than a command "
        "for each. A Python program finds all of it in stui-api(3).",
    ),
    "CRON": (
        "A command of cron has a short PATH: name stui by its full path, as `command -v stui` prints it. It has no "
        "terminal: it means the default context, or what `-i` names.",
        "`stui cleanup -yq` prints nothing unless sessions went or something failed, so that cron mails nothing "
        "else; stui-cleanup(1) has the line, and a timer of systemd. Commands wait for each other at the store "
        "`--lock-timeout` long, and exit with 10 then.",
        "A monitor runs `stui check`, whose exit codes are those of Nagios, or collects what "
        "`stui status -o prometheus --textfile FILE` wrote.",
    ),
    "THE MANUAL": (
        "`stui help` shows all pages as text, by itself and wherever stui is installed: `stui help eval`, "
        "`stui help images add`, `stui help exit-codes`.",
        "`man stui` finds them where man looks: man-db and macOS look in share/man beside each bin of the PATH. So it "
        "works once stui is found by its name: in an activated environment (`. .venv/bin/activate`), and after "
        "`pipx install`, which puts pages beside its bin. Elsewhere name the folder: "
        '`export MANPATH="$(stui help --man-path):"` (the colon keeps the other folders).',
    ),
}
