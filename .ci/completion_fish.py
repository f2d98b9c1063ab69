"""completions/stui.fish from the command tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from command_tree import Offer, path_settings, setting_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from command_tree import Command, Option, Value

_START = r"""# fish completion for stui. Made by .ci/derive.py from the command tree: change that instead.
# Commands and options stand here, names come from the store's plain files: Tab starts no stui and no Python.

# Whether the words before the cursor lead to command $argv[1], and to its argument number $argv[2] if that is given.
function __stui_at
    set -l path
    set -l count 0
    set -l skip 0
    set -l plain 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if test $plain = 0; and contains -- $word @GLOBAL@
            set skip 1
        else if test $plain = 0; and contains -- "$path $word" @OWN@
            set skip 1
        else if test $plain = 0 -a "$word" = --
            set plain 1
        else if test $plain = 0; and string match -q -- '-?*' $word
        else if contains -- "$path $word" @SUBCOMMANDS@
            set path "$path $word"
        else
            set count (math $count + 1)
        end
    end
    test "$path" = "$argv[1]"; and test (count $argv) = 1 -o "$count" = "$argv[2]"
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

# The names of images, targets (image and image/session), sessions or keys in the store.
function __stui_names
    set -l folder (__stui_given --home)[-1]
    if test -z "$folder"
        set folder $STUI_HOME
    end
    if test -z "$folder"; and string match -q '/*' -- $XDG_STATE_HOME
        set folder $XDG_STATE_HOME/stui
    end
    if test -z "$folder"
        set folder $HOME/.local/state/stui
    end
    if contains $argv[1] image target; and test -r $folder/names/images
        read -z text <$folder/names/images
        string split -n -- \n $text
    end
    set -l pairs $folder/names/sessions
    if test $argv[1] = key
        set pairs $folder/names/keys
    end
    if test $argv[1] != image -a -r $pairs
        read -z text <$pairs
        if test $argv[1] = target
            string split -n -- \n $text
            return
        end
        set -l owner (__stui_given -i --image)[-1]
        if test -z "$owner"
            set owner $STUI_IMAGE
        end
        for line in (string split -n -- \n $text)
            set -l pair (string split -m 1 / $line)
            if test -z "$owner" -o "$pair[1]" = "$owner"
                echo $pair[2]
            end
        end
    end
end

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
    start = _START
    for mark, words in {"@GLOBAL@": everywhere, "@OWN@": own, "@SUBCOMMANDS@": below}.items():
        start = start.replace(mark, " ".join(words))
    settings = [
        f"        case {key}\n            string split ' ' '{' '.join(values)}'"
        for key, values in setting_values().items()
    ]
    files = "set -l start (commandline -ct)\n            set -l found \"$start\"*\n            printf '%s\\n' $found"
    settings.append(f"        case {' '.join(path_settings())}\n            {files}")
    start = start.replace("@SETTINGS@", "\n".join(settings))
    return start + "\n".join(line for command in commands for line in _lines(command)) + "\n"


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
            where = here if argument.repeatable else _at(command, number)
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
    if value.words:
        return ["-a", _quoted(" ".join(value.words))]
    match value.offer:
        case Offer.NOTHING:
            return []
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
