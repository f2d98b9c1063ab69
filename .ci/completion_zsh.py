"""completions/_stui, for zsh, from the command tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from command_tree import Offer, path_settings, setting_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from command_tree import Command, Option, Value

_START = r"""#compdef stui
# zsh completion for stui. Made by .ci/derive.py from the command tree: change that instead.
# Commands and options stand here, names come from the store's plain files: Tab starts no stui and no Python.
"""

_END = r"""
# The lines of names/$1 in the store, as reply.
_stui_lines() {
    local folder=${opt_args[--home]:-${STUI_HOME:-}}
    if [[ -z $folder && ${XDG_STATE_HOME:-} == /* ]]; then
        folder=$XDG_STATE_HOME/stui
    fi
    folder=${${folder:-$HOME/.local/state/stui}/#\~\//$HOME/}
    reply=()
    [[ -r $folder/names/$1 ]] && reply=(${(f)"$(<$folder/names/$1)"})
}

_stui_image() {
    local expl
    local -a reply
    _stui_lines images
    _wanted images expl image compadd -a reply
}

_stui_given() {
    local -a names=(${HOME:-}/Pharo/images/*(N/:t))
    _alternative "names:image of Pharo Launcher:compadd -a names" "files:file:_files"
}

_stui_target() {
    local expl
    local -a reply images
    _stui_lines images
    images=($reply)
    _stui_lines sessions
    reply=($images $reply)
    _wanted targets expl 'image or session' compadd -a reply
}

_stui_session() {
    _stui_owned sessions session
}

_stui_key() {
    _stui_owned keys key
}

# What images have, without their names: of the image that is meant, where it is named.
_stui_owned() {
    local expl owner=${opt_args[-i]:-${opt_args[--image]:-${STUI_IMAGE:-}}}
    local -aU reply
    _stui_lines $1
    [[ -n $owner ]] && reply=(${(M)reply:#$owner/*})
    reply=(${reply#*/})
    _wanted $1 expl $2 compadd -a reply
}

# What the setting that the word before the cursor names may be.
_stui_value() {
    local expl
    local -a reply
    case ${words[CURRENT-1]//-/_} in
@SETTINGS@
    esac
    _wanted values expl value compadd -a reply
}

# Sourced or evaluated it registers itself; found on fpath it is the completion.
if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
    _stui "$@"
else
    compdef _stui stui
fi
"""


def zsh_script(root: Command) -> str:
    """The whole script."""
    everywhere = [f"        {_option(option)}" for option in root.options if option.names != ("--version",)]
    lines = ["# The options of every command, as global.\n_stui_global() {\n    global=(", *everywhere, "    )\n}\n"]
    lines += [line for command in root.walk() for line in _function(command, root)]
    settings = [f"        {key}) reply=({' '.join(values)}) ;;" for key, values in setting_values().items()]
    settings.append(f"        {'|'.join(path_settings())}) _files; return ;;")
    return "\n".join([_START, *lines, _END.lstrip().replace("@SETTINGS@", "\n".join(settings))])


def _function(command: Command, root: Command) -> Iterator[str]:
    yield f"{_name(command)}() {{"
    # Of a group's caller only the line's rest is seen, so each function has its own.
    yield "    local curcontext=$curcontext state line ret=1"
    yield "    local -A opt_args"
    yield "    local -a global"
    yield "    _stui_global"
    yield "    _arguments -C -s -S $global \\"
    everywhere = {option.names for option in root.options} - {("--version",)}
    for option in command.accepted:
        if option.names not in everywhere:
            yield f"        {_option(option)} \\"
    if command.subcommands:
        yield "        '1:command:->command' \\"
        yield "        '*::argument:->rest' && ret=0"
        yield from _subcommands(command)
    else:
        for number, argument in enumerate(command.arguments, 1):
            place = "*" if argument.repeatable else f"{number}" if argument.required else f"{number}:"
            yield f"        {_quoted(f'{place}:{_argument(argument.value)}')} \\"
        yield "        && ret=0"
    yield "    return ret"
    yield "}\n"


def _subcommands(command: Command) -> Iterator[str]:
    yield "    case $state in"
    yield "        command)"
    yield "            local -a commands=("
    for sub in command.subcommands:
        yield f"                {_quoted(sub.path[-1] + ':' + sub.summary)}"
    yield "            )"
    yield f"            _describe -t commands {_quoted(command.name + ' command')} commands && ret=0"
    yield "            ;;"
    yield "        rest)"
    yield "            case $line[1] in"
    for sub in command.subcommands:
        yield f"                {sub.path[-1]}) {_name(sub)} && ret=0 ;;"
    yield "            esac"
    yield "            ;;"
    yield "    esac"


def _option(option: Option) -> str:
    value = f":{_message(option.value)}" if option.value else ""
    told = _quoted(f"[{_escaped(option.help.rstrip('.'))}]{value}")
    marks = [name + ("" if not option.value else "=" if name.startswith("--") else "+") for name in option.names]
    names = "{" + ",".join(marks) + "}" if len(marks) > 1 else marks[0]
    before = "'*'" if option.repeatable else _quoted(f"({' '.join(option.names)})") if len(marks) > 1 else ""
    return f"{before}{names}{told}"


def _argument(value: Value) -> str:
    if value.words or value.offer is not Offer.NOTHING:
        return _message(value)
    # A bare message would keep an option from being completed in the argument's place.
    name = _escaped(value.metavar.strip("[]."))
    return f'{name}:_guard "^-*" "{name}"'


def _message(value: Value) -> str:
    return f"{_escaped(value.metavar.strip('[].'))}:{_action(value)}"


def _action(value: Value) -> str:
    if value.words:
        return f"({' '.join(value.words)})"
    match value.offer:
        case Offer.NOTHING:
            return " "
        case Offer.IMAGE | Offer.TARGET | Offer.SESSION | Offer.KEY | Offer.GIVEN | Offer.VALUE:
            return f"_stui_{value.offer.value}"
        case Offer.FILE:
            return "_files"
        case Offer.FOLDER:
            return "_files -/"
        case _:
            assert_never(value.offer)


def _name(command: Command) -> str:
    return "_" + "_".join(("stui", *command.path)) if not command.path else "_stui_cmd_" + "_".join(command.path)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(":", "\\:").replace("[", "\\[").replace("]", "\\]")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
