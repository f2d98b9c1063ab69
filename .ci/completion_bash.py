"""completions/stui.bash from the command tree. Works from bash 3.2 on, the one of macOS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from command_tree import path_settings, setting_values
from completion_here import here

from stui_cli.completing import GROUPS, Offer, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from command_tree import Command, Option, Value

_START = r"""# bash completion for stui. Made by .ci/derive.py from the command tree: change that instead.
# Commands and options stand here, names come from the store's plain files: Tab starts no stui and no Python.

_stui() {
    local words=() path= want= found= plain= option= glued= count=0 i word cur
    local image=${STUI_IMAGE:-} folder=${STUI_HOME:-}
    COMPREPLY=()
    _stui_words
    for ((i = 1; i < ${#words[@]} - 1; i++)); do
        word=${words[i]}
        if [[ -n $want ]]; then
            _stui_remember "$option" "$word"
            want=
        elif [[ -z $plain && $word == -- ]]; then
            plain=1
        elif [[ -z $plain && $word == --*=* ]]; then
            _stui_remember "${word%%=*}" "${word#*=}"
        elif [[ -z $plain && $word == --* ]]; then
            option=$word
            _stui_value "$path" "$word"
        elif [[ -z $plain && $word == -?* ]]; then
            _stui_letters "$word"
            [[ -n $want && -n $glued ]] && _stui_remember "$option" "$glued" && want=
        elif _stui_subcommands "$path"; [[ -z $found ]]; then
            ((count++))
        elif [[ " $found " == *" $word "* ]]; then
            path=${path:+$path }$word
        else
            return
        fi
    done
    cur=${words[${#words[@]} - 1]}
    if [[ -n $want ]]; then
        _stui_offer "$want" "$cur" "$2"
    elif [[ -z $plain && $cur == --*=* ]]; then
        _stui_value "$path" "${cur%%=*}"
        _stui_offer "$want" "${cur#*=}" "$2" "${cur%%=*}="
    elif [[ -z $plain && $cur == -* ]]; then
        [[ $cur == --* ]] || _stui_letters "$cur"
        if [[ -n $want && -n $glued ]]; then
            _stui_offer "$want" "$glued" "$2" "${cur%"$glued"}"
        else
            _stui_options "$path"
            _stui_offer "words $found" "$cur" "$2"
        fi
    else
        _stui_subcommands "$path"
        want="words $found"
        [[ -z $found ]] && _stui_argument "$path" "$count"
        _stui_offer "$want" "$cur" "$2"
    fi
}

# The words up to the cursor. COMP_WORDBREAKS tears build@home and --color=never apart; the line shows what is one.
_stui_words() {
    local rest=${COMP_LINE:0:COMP_POINT} blank piece i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        blank=${rest%%[![:space:]]*}
        rest=${rest#"$blank"}
        piece=${COMP_WORDS[i]}
        ((i == COMP_CWORD)) && piece=$rest
        rest=${rest#"$piece"}
        if [[ -z $blank ]] && ((i > 0)); then
            words[${#words[@]} - 1]+=$piece
        else
            words+=("$piece")
        fi
    done
}

# The first of the letters of $1, as in -qialpha, that takes a value: set want, option and glued, what stands behind it.
_stui_letters() {
    local i
    want=
    for ((i = 1; i < ${#1}; i++)); do
        option=-${1:i:1} glued=${1:i+1}
        _stui_value "$path" "$option"
        [[ -z $want ]] || return 0
    done
}

# An option on the line that changes where names come from.
_stui_remember() {
    case $1 in
        -i | --image) image=$2 ;;
        --home) folder=${2/#\~\//$HOME/} ;;
    esac
}

# Offer what is meant by $1 and begins with $2, of which readline replaces only $3, its part after a word break. $4
# stands before it in the same word.
_stui_offer() {
    local want=$1 cur=$2 head= quote= name did names=() all=() widest=0
    case $cur in \'* | \"*) quote=${cur:0:1} cur=${cur#?} ;; esac
    [[ ${4:-}$cur == *"$3" ]] && head=${4:-}$cur head=${head%"$3"}
    [[ $want == value ]] && _stui_setting "${words[${#words[@]} - 2]//-/_}"
    [[ $want == help ]] && _stui_below_help
    case $want in
        words\ *)
            for name in ${want#words }; do
                [[ $name == "$cur"* ]] && name=${4:-}$name && COMPREPLY+=("${name#"$head"}")
            done
            ;;
        columns | list\ *)
            found=${want#list }
            [[ $want == columns ]] && _stui_columns "$path"
            did=${cur##*,} cur=${cur%"${cur##*,}"} quote=${did%"${did#-}"}
            for name in $found; do
                [[ ,${cur//,-/,} == *",$name,"* || $quote$name != "$did"* ]] && continue
                name=${4:-}$cur$quote$name
                COMPREPLY+=("${name#"$head"}")
            done
            ;;
        image | target | session | key | label | group)
            for name in @GROUPS@; do
                [[ $want == group && $name == "$cur"* ]] && _stui_add "${4:-}$name"
            done
            while IFS= read -r name; do
                _stui_add "${4:-}$name"
            done < <(_stui_names "$want" "$cur")
            ;;
        operation)
            compopt -o nosort 2>/dev/null
            while IFS=$'\t' read -r name did; do
                names+=("$name") all+=("$did")
                ((${#name} > widest)) && widest=${#name}
            done < <(_stui_names "$want" "$cur")
            for ((i = 0; i < ${#names[@]}; i++)); do
                # What it did is shown in a list, and never put into the line.
                if ((${#names[@]} == 1)) || [[ ${COMP_TYPE:-9} == 37 || ${COMP_TYPE:-9} == 42 ]]; then
                    COMPREPLY+=("${names[i]}")
                else
                    printf -v name '%-*s  (%s)' "$widest" "${names[i]}" "${all[i]}"
                    COMPREPLY+=("$name")
                fi
            done
            ;;
        given)
            while IFS= read -r name; do
                _stui_add "${4:-}$name"
            done < <(_stui_given "$cur")
            _stui_paths -f "$cur"
            compopt -o filenames 2>/dev/null
            ;;
        file) compopt -o default 2>/dev/null || _stui_paths -f "$cur" ;;
        folder) compopt -o dirnames 2>/dev/null || _stui_paths -d "$cur" ;;
    esac
}

# Offer the word $1, as it has to be written where it goes.
_stui_add() {
    local text=${1#"$head"}
    if [[ -z $quote ]]; then
        printf -v text %q "$text"
    elif [[ $text == *[\'\"\\\$\`\!]* ]]; then
        return
    fi
    [[ $text == *= ]] && compopt -o nospace 2>/dev/null
    COMPREPLY+=("$text")
}

# What stui help takes after a command: those below it.
_stui_below_help() {
    want="words @HELP@"
    ((count == 0)) && return
    want=
    ((count > 1)) && return
    _stui_subcommands "${words[${#words[@]} - 2]}"
    want="words $found"
}

# Pharo Launcher's images whose names begin with $1.
_stui_given() {
    local folder
    for folder in "${HOME:-}"/Pharo/images/"$1"*/; do
        [[ -d $folder ]] || continue
        folder=${folder%/}
        printf '%s\n' "${folder##*/}"
    done
}

_stui_paths() {
    local path
    while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$2")
}

# The names that begin with $2. awk, because a store may hold a hundred thousand.
_stui_names() {
    local target= owner=${image%%/*} file files=()
    _stui_folder "$folder"
    case $1 in
        image) files=(images) ;;
        target) files=(images sessions) ;;
        group) files=(labels) ;;
        *) files=("$1s") ;;
    esac
    if [[ -z $owner && ($1 == session || $1 == key || $2 == /*) ]]; then
        _stui_context || _stui_project
        owner=${target%%/*}
    fi
    for file in "${files[@]}"; do
        [[ -r $folder/names/$file ]] && set -- "$@" "$folder/names/$file"
    done
    (($# > 2)) || return 0
    LC_ALL=C STUI_KIND=$1 STUI_PREFIX=$2 STUI_OWNER=$owner awk '
        BEGIN {
            kind = ENVIRON["STUI_KIND"]; prefix = ENVIRON["STUI_PREFIX"]; owner = ENVIRON["STUI_OWNER"]
            mark = kind == "target" && prefix ~ /^\// ? "/" : ""
        }
        kind == "operation" { if (index($0, prefix) == 1) print; next }
        kind == "label" || kind == "group" { $0 = substr($0, index($0, "\t") + 1) }
        /[\001-\037\177]/ { next }
        kind == "label" {
            if (!index(prefix, "=")) $0 = substr($0, 1, index($0, "="))
            if (seen[$0]++) next
        }
        kind == "group" {
            $0 = substr($0, 1, index($0, "=") - 1)
            if (seen[$0]++) next
        }
        kind == "session" || kind == "key" || mark != "" {
            slash = index($0, "/")
            if (!slash || owner != "" && substr($0, 1, slash - 1) != owner) next
            $0 = mark substr($0, slash + 1)
            if (seen[$0]++) next
        }
        index($0, prefix) == 1
    ' "${@:3}"
}

# Set target to what .stui.toml of the nearest folder above names, where no context of this terminal is stronger.
_stui_project() {
    local dir=. line
    while [[ ! -e $dir/.stui.toml ]]; do
        [[ $dir -ef / ]] && return 1
        dir=$dir/..
    done
    [[ -f $dir/.stui.toml && -O $dir/.stui.toml ]] || return 1
    while IFS= read -r line; do
        if [[ $line =~ ^[[:space:]]*image[[:space:]]*=[[:space:]]*[\"\']([^\"\']*) ]]; then
            target=${BASH_REMATCH[1]}
        fi
    done <"$dir/.stui.toml"
    [[ -n $target ]]
}

@HERE@"""


def bash_script(root: Command) -> str:
    """The whole script."""
    commands = list(root.walk())
    parts = [
        _START.replace("@HELP@", " ".join(words_of(Offer.HELP)))
        .replace("@GROUPS@", " ".join(GROUPS))
        .replace("@HERE@", here("", "${BASHPID:-$$}")),
        "# Set found to the subcommands of command $1.\n_stui_subcommands() {",
        "    found=",
        _case([(c.path, " ".join(s.path[-1] for s in c.subcommands)) for c in commands if c.subcommands]),
        "}\n\n# Set found to the options of command $1.\n_stui_options() {",
        f"    found='{_names(root.options)} '",
        _case([(c.path, names) for c in commands if (names := _names(c.accepted)) and c.path], add="+"),
        "}\n\n# Set want to what the value of option $2 of command $1 may be; a flag has none.\n_stui_value() {",
        _values("$2", [(" | ".join(o.names), o.value) for o in root.options if o.value]),
        _values(
            "$1 $2",
            [
                (" | ".join(f"'{' '.join((*c.path, name))}'" for name in o.names), o.value)
                for c in commands
                if c.path
                for o in c.accepted
                if o.value
            ],
        ),
        "}\n\n# Set want to what argument number $2 (from 0) of command $1 may be.\n_stui_argument() {",
        _values(
            "$1 $2",
            [
                (f"'{' '.join(c.path)} '{'*' if a.repeatable else n}", a.value)
                for c in commands
                for n, a in enumerate(c.arguments)
                if a.value.words or a.value.offer is not Offer.NOTHING
            ],
        ),
        "}\n\n# Set want to what the value of setting $1 may be.\n_stui_setting() {\n    want=",
        '    case "$1" in',
        *(f"        {key}) want='words {' '.join(values)}' ;;" for key, values in setting_values().items()),
        f"        {' | '.join(path_settings())}) want=file ;;",
        "    esac",
        "}\n\n# Set found to the keys of what command $1 lists.\n_stui_columns() {",
        "    found=",
        _columns(commands),
        "}\n\ncomplete -F _stui stui\n",
    ]
    return "\n".join(parts)


def _names(options: Iterable[Option]) -> str:
    return " ".join(name for option in options for name in option.names if name not in ("-h", "--help"))


def _case(rows: Iterable[tuple[tuple[str, ...], str]], *, add: str = "") -> str:
    lines = [f"        '{' '.join(path)}') found{add}='{words}' ;;" for path, words in rows]
    return "\n".join(['    case "$1" in', *lines, "    esac"])


def _values(subject: str, rows: Iterable[tuple[str, Value]]) -> str:
    lines = [f"        {pattern}) want='{_wanted(value)}' ;;" for pattern, value in rows]
    return "\n".join([f'    case "{subject}" in', *lines, "    esac"])


def _columns(commands: Iterable[Command]) -> str:
    """A row for all commands whose items have the same keys."""
    paths: dict[tuple[str, ...], list[str]] = {}
    for each in commands:
        paths.setdefault(each.columns, []).append(f"'{' '.join(each.path)}'")
    rows = [f"        {' | '.join(same)}) found='{' '.join(keys)}' ;;" for keys, same in paths.items() if keys]
    return "\n".join(['    case "$1" in', *rows, "    esac"])


def _wanted(value: Value) -> str:
    if value.offer is Offer.HELP:
        return value.offer.value
    if value.offer is Offer.LIST:
        return f"list {' '.join(value.words)}"
    return f"words {' '.join(value.words)}" if value.words else value.offer.value
