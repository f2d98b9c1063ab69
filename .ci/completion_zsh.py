"""completions/_stui, for zsh, from the command tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from command_tree import path_settings, setting_values
from completion_here import here

from stui_cli.completing import GROUPS, Offer, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from command_tree import Command, Option, Value

_START = r"""#compdef stui
# zsh completion for stui. Made by .ci/derive.py from the command tree: change that instead.
# Commands and options stand here, names come from the store's plain files: Tab starts no stui and no Python.
"""

_END = r"""
# The lines of names/$1 in the store, as reply; what a terminal would obey is no name.
_stui_lines() {
    local folder=${(Q)opt_args[--home]:-${stui_home:-${STUI_HOME:-}}}
    _stui_folder ${folder/#\~\//$HOME/}
    reply=()
    [[ -r $folder/names/$1 ]] && reply=(${(f)"$(<$folder/names/$1)"})
    [[ $1 == (labels|operations) ]] || reply=(${reply:#*[[:cntrl:]]*})
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
    if [[ $PREFIX == /* ]]; then
        compset -P /
        _stui_session
        return
    fi
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

# What images have, without their names: of the image that is meant, where there is one.
_stui_owned() {
    local expl target= owner=${(Q)opt_args[-i]:-${(Q)opt_args[--image]:-${stui_image:-${STUI_IMAGE:-}}}}
    local -aU reply
    if [[ -z $owner ]]; then
        _stui_image_here
        owner=$target
    fi
    owner=${owner%%/*}
    _stui_lines $1
    [[ -n $owner ]] && reply=(${(M)reply:#$owner/*})
    reply=(${reply#*/})
    _wanted $1 expl $2 compadd -a reply
}

# Set target to what the context, or .stui.toml, names.
_stui_image_here() {
    local folder=${(Q)opt_args[--home]:-${stui_home:-${STUI_HOME:-}}} dir=. line
    _stui_folder ${folder/#\~\//$HOME/}
    if ! _stui_context; then
        while [[ ! -e $dir/.stui.toml && ! $dir -ef / ]]; do dir+=/..; done
        [[ -f $dir/.stui.toml && -O $dir/.stui.toml ]] || return
        for line in ${(f)"$(<$dir/.stui.toml)"}; do
            [[ $line == [[:space:]]#image[[:space:]]#=* ]] && target=${${${line#*=}##[[:space:]\"\']#}%%[\"\']*}
        done
    fi
}

# Keys first, as in team=, and values once there is a key.
_stui_label() {
    local expl
    local -aU reply
    _stui_lines labels
    reply=(${reply#*$'\t'})
    reply=(${reply:#*[[:cntrl:]]*})
    if [[ $PREFIX == *=* ]]; then
        _wanted labels expl label compadd -a reply
    else
        reply=(${reply/%=*/=})
        _wanted labels expl 'key of a label' compadd -S '' -a reply
    fi
}

# The key of a label, or what else images stand together by.
_stui_group() {
    local expl
    local -aU reply
    _stui_lines labels
    reply=(@GROUPS@ ${${reply#*$'\t'}/%=*/})
    _wanted groups expl 'key of a label' compadd -a reply
}

_stui_columns() {
    local expl word at=$stui_path
    local -a columns given
    compset -P '*,' && given=(${(s:,:)IPREFIX#*=})
    compset -P -
    given=(${given#-})
    # An option of every command is completed by the outermost function: the words tell which command it is of.
    _stui_keys_of $at
    for word in ${words[2,CURRENT-1]}; do
        _stui_keys_of ${at:+$at }$word && at=${at:+$at }$word
    done
    columns=(${columns:|given})
    _wanted columns expl column compadd -a columns
}

_stui_operation() {
    local -a reply
    _stui_lines operations
    reply=(${reply/$'\t'/:})
    _describe -V -t operations change reply
}

# Commands and topics, and after a command those below it.
_stui_help() {
    local expl
    local -a reply
    if (( CURRENT == 2 )); then
        reply=(@HELP@)
    elif (( CURRENT == 3 )); then
        case $words[2] in
@BELOW@
        esac
    fi
    _wanted topics expl 'command or topic' compadd -a reply
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

# Set columns to the keys of what command $1 lists; 1 for a word that is no such command.
_stui_keys_of() {
    case $1 in
@KINDS@
        *) return 1 ;;
    esac
}

@HERE@
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
    end = _END.lstrip().replace("@HERE@", here("emulate -L ksh", "$$"))
    rows = {
        "@SETTINGS@": settings,
        "@BELOW@": [f"            {c.path[0]}) reply=({_below(c)}) ;;" for c in root.subcommands if c.subcommands],
        "@KINDS@": list(_columns(root)),
        "@GROUPS@": [" ".join(GROUPS)],
        "@HELP@": [" ".join(words_of(Offer.HELP))],
    }
    for mark, found in rows.items():
        end = end.replace(mark, "\n".join(found))
    return "\n".join([_START, *lines, end])


def _columns(root: Command) -> Iterator[str]:
    """A row for all commands whose items have the same keys."""
    paths: dict[tuple[str, ...], list[str]] = {}
    for each in root.walk():
        paths.setdefault(each.columns, []).append(_quoted(" ".join(each.path)))
    for keys, same in paths.items():
        if keys:
            yield f"        {'|'.join(same)}) columns=({' '.join(keys)}) ;;"


def _below(command: Command) -> str:
    return " ".join(sub.path[-1] for sub in command.subcommands)


def _function(command: Command, root: Command) -> Iterator[str]:
    yield f"{_name(command)}() {{"
    # Of a group's caller only the line's rest is seen, so each function has its own.
    yield "    local curcontext=$curcontext state line ret=1"
    yield "    local -A opt_args"
    yield "    local -a global"
    yield f"    local stui_path={_quoted(' '.join(command.path))}"
    if not command.path:
        yield "    local stui_image= stui_home="
    yield "    _stui_global"
    yield "    _arguments -C -s -S $global \\"
    everywhere = {option.names for option in root.options} - {("--version",)}
    for option in command.accepted:
        if option.names not in everywhere:
            yield f"        {_option(option)} \\"
    if command.subcommands:
        yield "        '1:command:->command' \\"
        yield "        '*::argument:->rest' && ret=0"
        if not command.path:
            yield "    stui_image=${(Q)opt_args[-i]:-${(Q)opt_args[--image]}} stui_home=${(Q)opt_args[--home]}"
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
    if value.offer is Offer.LIST:
        return f"_values -s , {value.metavar} {' '.join(value.words)}"
    if value.words and value.offer is not Offer.HELP:
        return f"({' '.join(value.words)})"
    match value.offer:
        case Offer.NOTHING:
            return " "
        case Offer.LIST | Offer.DIALECT | Offer.AGENT | Offer.SETTING:  # words
            return " "
        case Offer.FILE:
            return "_files"
        case Offer.FOLDER:
            return "_files -/"
        case (
            Offer.IMAGE
            | Offer.TARGET
            | Offer.SESSION
            | Offer.KEY
            | Offer.LABEL
            | Offer.GROUP
            | Offer.COLUMNS
            | Offer.OPERATION
            | Offer.GIVEN
            | Offer.VALUE
            | Offer.HELP
        ):
            return f"_stui_{value.offer.value}"
        case _:
            assert_never(value.offer)


def _name(command: Command) -> str:
    return "_" + "_".join(("stui", *command.path)) if not command.path else "_stui_cmd_" + "_".join(command.path)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(":", "\\:").replace("[", "\\[").replace("]", "\\]")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
