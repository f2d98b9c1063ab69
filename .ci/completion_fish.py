"""completions/stui.fish from the command tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from command_tree import path_settings, setting_values
from completion_here_fish import HERE

from stui_cli.completing import GROUPS, Offer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from command_tree import Command, Option, Value

_START = r"""# fish completion for stui. Made by .ci/derive.py from the command tree: change that instead.
# Commands and options stand here, names come from the store's plain files: Tab starts no stui and no Python.

# Whether the words before the cursor lead to command $argv[1], to its argument number $argv[2] if that is given, and
# the last argument is $argv[3] if that is given. Each line of completion asks it, so the words are read once.
function __stui_at
    set -l line (commandline -opc)
    set -l seen (count $line)" $line"
    if test "$seen" != "$__stui_seen"
        set -g __stui_seen "$seen"
        set -g __stui_read (__stui_read $line)
    end
    test "$__stui_read[1]" = "$argv[1]"
    and test (count $argv) = 1 -o "$__stui_read[2]" = "$argv[2]"
    and test (count $argv) -lt 3 -o "$__stui_read[3]" = "$argv[3]"
end

# The command that the words lead to, how many arguments it has by then, and the last of them.
function __stui_read
    set -l path
    set -l count 0
    set -l skip 0
    set -l plain 0
    set -l last
    for word in $argv[2..-1]
        if test $skip = 1
            set skip 0
        else if test $plain = 0; and contains -- $word @GLOBAL@
            set skip 1
        else if test $plain = 0; and contains -- "$path $word" @OWN@
            set skip 1
        else if test $plain = 0 -a "$word" = --
            set plain 1
        else if test $plain = 0; and string match -qr -- '^-[a-zA-Z]{2,}$' $word
            __stui_letters "$path" $word
            and set skip 1
        else if test $plain = 0; and string match -q -- '-?*' $word
        else if contains -- "$path $word" @SUBCOMMANDS@
            set path "$path $word"
        else
            set count (math $count + 1)
            set last $word
        end
    end
    printf '%s\n' "$path" $count "$last"
end

# Whether the last of the letters $argv[2], as in -qi, takes a value, and none before it.
function __stui_letters
    set -l letters (string split '' -- (string sub -s 2 -- $argv[2]))
    for i in (seq (count $letters))
        if contains -- -$letters[$i] @GLOBAL@; or contains -- "$argv[1] -$letters[$i]" @OWN@
            test $i = (count $letters)
            return
        end
    end
    return 1
end

# The value that the command line so far gives to one of the options named.
function __stui_given
    set -l words (commandline -opc)
    for i in (seq 2 (count $words))
        for name in $argv
            if test "$words[$i]" = $name; and set -q words[(math $i + 1)]
                echo $words[(math $i + 1)]
            else if string match -q -- "--*" $name; and string match -q -- "$name=*" $words[$i]
                string replace -- "$name=" '' $words[$i]
            end
        end
    end
end

# Pharo Launcher's images.
function __stui_given_names
    set -l found $HOME/Pharo/images/*/
    string replace -r '^.*/([^/]+)/$' '$1' -- $found
end

# The folder of the store that the command line means.
function __stui_home
    set -l given (__stui_given --home)[-1]
    test -n "$given"; or set given $STUI_HOME
    __stui_folder (string replace -r '^~/' "$HOME/" -- $given)
end

# The lines of file $argv[1] of the names in the store; what a terminal would obey is no name.
function __stui_lines
    set -l folder (__stui_home)
    test -r $folder/names/$argv[1]; or return
    read -z text <$folder/names/$argv[1]
    string split -n -- \n $text | string match -v -r '[\x01-\x08\x0a-\x1f\x7f]'
end

# The names of images, targets (image and image/session, or /session of the image here), sessions or keys in the store.
function __stui_names
    switch $argv[1]
        case image
            __stui_lines images
            return
        case target
            if not string match -q '/*' -- (commandline -ct)
                __stui_lines images
                __stui_lines sessions
                return
            end
    end
    set -l owner (__stui_given -i --image)[-1]
    test -n "$owner"; or set owner $STUI_IMAGE
    if test -z "$owner"
        set owner (__stui_image_here (__stui_home))
    end
    set owner (string replace -r '/.*' '' -- "$owner")
    set -l file sessions
    set -l mark
    test $argv[1] = key; and set file keys
    test $argv[1] = target; and set mark /
    for line in (__stui_lines $file)
        set -l pair (string split -m 1 / -- $line)
        if test -z "$owner" -o "$pair[1]" = "$owner"
            echo "$mark$pair[2]"
        end
    end
end

# The image that the context, or .stui.toml, names.
function __stui_image_here
    set -l named (__stui_context $argv[1])
    if test $status = 0
        echo $named
        return
    end
    set -l dir .
    while not test -e $dir/.stui.toml; and test (path resolve $dir) != /
        set dir $dir/..
    end
    test -f $dir/.stui.toml -a -O $dir/.stui.toml; or return
    read -z text <$dir/.stui.toml
    string match -r -g '(?m)^\s*image\s*=\s*["\']([^"\']*)' -- $text
end

# Keys first, as in team=, and values once there is a key.
function __stui_labels
    set -l labels (__stui_lines labels | string replace -r '^[^\t]*\t' '' | string match -v -r '\t')
    # Behind --label= stands the label itself.
    if not string match -qr '^(--label=)?[^=]+=' -- (commandline -ct)
        set labels (string replace -r '=.*' '=' -- $labels)
    end
    set -l seen
    for label in $labels
        contains -- $label $seen; and continue
        set -a seen $label
        echo $label
    end
end

# The keys of labels.
function __stui_label_keys
    __stui_lines labels | string replace -r '^[^\t]*\t([^=]*)=.*' '$1'
end

# The list with commas under the cursor, with its last part to be any key of what the command lists, but those in it.
function __stui_columns
    set -l path
    for word in (commandline -opc)[2..-1]
        contains -- "$path $word" @SUBCOMMANDS@; and set path "$path $word"
    end
    set -l keys
    switch $path
@COLUMNS@
    end
    __stui_list $keys
end

# The list with commas under the cursor, with its last part to be any of $argv that is not in it yet.
function __stui_list
    set -l list (string replace -r '^--[^=]*=' '' -- (commandline -ct))
    set -l before (string match -r '^.*,' -- $list)
    set -l dash (string match -r '^-(?=[^,]*$)|(?<=,)-(?=[^,]*$)' -- $list)
    for word in $argv
        contains -- $word (string split , -- $before | string replace -r '^-' ''); or echo "$before$dash$word"
    end
end

@HERE@
# What the setting that the word before the cursor names may be.
function __stui_setting_values
    switch (string replace -a -- - _ (commandline -opc)[-1])
@SETTINGS@
    end
end

complete -c stui -e
complete -c stui -f
"""


def fish_script(root: Command) -> str:
    """The whole script."""
    commands = list(root.walk())
    everywhere = [name for option in root.options if option.value for name in option.names]
    own = [_quoted(_words(c, name)) for c in commands[1:] for o in c.accepted if o.value for name in o.names]
    below = [_quoted(_words(c)) for c in commands[1:]]
    start = _START.replace("@HERE@", HERE.strip())
    for mark, words in {"@GLOBAL@": everywhere, "@OWN@": own, "@SUBCOMMANDS@": below}.items():
        start = start.replace(mark, " ".join(words))
    settings = [
        f"        case {key}\n            string split ' ' '{' '.join(values)}'"
        for key, values in setting_values().items()
    ]
    files = "set -l start (commandline -ct)\n            set -l found \"$start\"*\n            printf '%s\\n' $found"
    settings.append(f"        case {' '.join(path_settings())}\n            {files}")
    start = start.replace("@SETTINGS@", "\n".join(settings)).replace("@COLUMNS@", "\n".join(_columns(commands)))
    lines = [*(line for command in commands for line in _lines(command)), *_below_help(root)]
    return start + "\n".join(lines) + "\n"


def _below_help(root: Command) -> Iterator[str]:
    """What `stui help` takes after a command."""
    for group in root.subcommands:
        for sub in group.subcommands:
            yield _line(_quoted(f'__stui_at " help" 1 {group.path[0]}'), ["-a", sub.path[-1]], sub.summary)


def _columns(commands: Iterable[Command]) -> Iterator[str]:
    """A case for all commands whose items have the same keys."""
    paths: dict[tuple[str, ...], list[str]] = {}
    for each in commands:
        paths.setdefault(each.columns, []).append(_quoted(_words(each)))
    for keys, same in paths.items():
        if keys:
            yield f"        case {' '.join(same)}\n            set keys {' '.join(keys)}"


def _lines(command: Command) -> Iterator[str]:
    if command.path:
        yield f"\n# {command.name}"
    here = _at(command)
    for option in command.accepted:
        # The global options are those of every command.
        yield _line(here if command.path or option.names == ("--version",) else None, _option(option), option.help)
    for sub in command.subcommands:
        yield _line(_at(command, 0), ["-a", sub.path[-1]], sub.summary)
    for number, argument in enumerate(command.arguments):
        offered = _offered(argument.value)
        if offered:
            several = argument.repeatable and argument.value.offer is not Offer.HELP
            where = here if several else _at(command, number)
            yield _line(where, offered, argument.value.metavar.strip("[]."))


def _line(where: str | None, words: Iterable[str], told: str) -> str:
    condition = ["-n", where] if where else []
    return " ".join(["complete", "-c", "stui", *condition, *words, "-d", _quoted(told.rstrip("."))])


def _at(command: Command, argument: int | None = None) -> str:
    number = "" if argument is None else f" {argument}"
    return _quoted(f'__stui_at "{_words(command)}"{number}')


def _words(command: Command, *more: str) -> str:
    """The path as `__stui_at` builds it up: a blank before each word."""
    return "".join(f" {word}" for word in (*command.path, *more))


def _option(option: Option) -> list[str]:
    names = [w for name in option.names for w in (["-l", name[2:]] if name.startswith("--") else ["-s", name[1:]])]
    if option.value is None:
        return names
    return [*names, "-r" if option.value.offer in (Offer.FILE, Offer.GIVEN) else "-x", *_offered(option.value)]


def _offered(value: Value) -> list[str]:
    if value.offer is Offer.LIST:
        return ["-a", _quoted(f"(__stui_list {' '.join(value.words)})")]
    if value.words:
        return ["-a", _quoted(" ".join(value.words))]
    match value.offer:
        case Offer.NOTHING | Offer.LIST | Offer.DIALECT | Offer.AGENT | Offer.SETTING | Offer.HELP:  # words, if any
            return []
        case Offer.LABEL:
            return ["-a", _quoted("(__stui_labels)")]
        case Offer.GROUP:
            return ["-a", _quoted(f"{' '.join(GROUPS)} (__stui_label_keys)")]
        case Offer.COLUMNS:
            return ["-a", _quoted("(__stui_columns)")]
        case Offer.OPERATION:
            return ["-k", "-a", _quoted("(__stui_lines operations)")]
        case Offer.IMAGE | Offer.TARGET | Offer.SESSION | Offer.KEY:
            return ["-a", _quoted(f"(__stui_names {value.offer.value})")]
        case Offer.VALUE:
            return ["-a", _quoted("(__stui_setting_values)")]
        case Offer.GIVEN:
            return ["-F", "-a", _quoted("(__stui_given_names)")]
        case Offer.FILE:
            return ["-F"]
        case Offer.FOLDER:
            return ["-a", _quoted("(__fish_complete_directories)")]
        case _:
            assert_never(value.offer)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
