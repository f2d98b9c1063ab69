"""completions/stui.bash from the command tree. Works from bash 3.2 on, the one of macOS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from command_tree import Offer, path_settings, setting_values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from command_tree import Command, Option, Value

_START = r"""# bash completion for stui. Made by .ci/derive.py from the command tree: change that instead.
# Commands and options stand here, names come from the store's plain files: Tab starts no stui and no Python.

_stui() {
    local words=() path= want= found= plain= count=0 image=${STUI_IMAGE:-} home=${STUI_HOME:-} i word cur
    COMPREPLY=()
    _stui_words
    for ((i = 1; i < ${#words[@]} - 1; i++)); do
        word=${words[i]}
        if [[ -n $want ]]; then
            _stui_remember "${words[i - 1]}" "$word"
            want=
        elif [[ -z $plain && $word == -- ]]; then
            plain=1
        elif [[ -z $plain && $word == --*=* ]]; then
            _stui_remember "${word%%=*}" "${word#*=}"
        elif [[ -z $plain && $word == -?* ]]; then
            _stui_value "$path" "$word"
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
        _stui_offer "$want" "${cur#*=}" "$2"
    elif [[ -z $plain && $cur == -* ]]; then
        _stui_options "$path"
        _stui_offer "words $found" "$cur" "$2"
    else
        _stui_subcommands "$path"
        want="words $found"
        [[ -z $found ]] && _stui_argument "$path" "$count"
        [[ $want == value ]] && _stui_setting "${words[${#words[@]} - 2]//-/_}"
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

# An option on the line that changes where names come from.
_stui_remember() {
    case $1 in
        -i | --image) image=$2 ;;
        --home) home=${2/#\~\//$HOME/} ;;
    esac
}

# Offer what is meant by $1 and begins with $2, of which readline replaces only $3, its part after a word break.
_stui_offer() {
    local cur=$2 head= name quoted
    case $cur in \'* | \"*) cur=${cur#?} ;; esac
    [[ $cur == *"$3" ]] && head=${cur%"$3"}
    case $1 in
        words\ *)
            for name in ${1#words }; do
                [[ $name == "$cur"* ]] && COMPREPLY+=("${name#"$head"}")
            done
            ;;
        image | target | session | key)
            while IFS= read -r name; do
                printf -v quoted %q "${name#"$head"}"
                COMPREPLY+=("$quoted")
            done < <(_stui_names "$1" "$cur")
            ;;
        given)
            while IFS= read -r name; do
                printf -v quoted %q "${name#"$head"}"
                COMPREPLY+=("$quoted")
            done < <(_stui_given "$cur")
            _stui_paths -f "$cur"
            compopt -o filenames 2>/dev/null
            ;;
        file) compopt -o default 2>/dev/null || _stui_paths -f "$cur" ;;
        folder) compopt -o dirnames 2>/dev/null || _stui_paths -d "$cur" ;;
    esac
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
    local folder=$home files=()
    if [[ -z $folder ]]; then
        case ${XDG_STATE_HOME:-} in
            /*) folder=$XDG_STATE_HOME/stui ;;
            *) folder=${HOME:-}/.local/state/stui ;;
        esac
    fi
    [[ $1 == image || $1 == target ]] && [[ -r $folder/names/images ]] && files+=("$folder/names/images")
    [[ $1 == session || $1 == target ]] && [[ -r $folder/names/sessions ]] && files+=("$folder/names/sessions")
    [[ $1 == key && -r $folder/names/keys ]] && files+=("$folder/names/keys")
    ((${#files[@]})) || return 0
    LC_ALL=C STUI_KIND=$1 STUI_PREFIX=$2 STUI_OWNER=$image awk '
        ENVIRON["STUI_KIND"] ~ /^(session|key)$/ {
            slash = index($0, "/")
            if (ENVIRON["STUI_OWNER"] != "" && substr($0, 1, slash - 1) != ENVIRON["STUI_OWNER"]) next
            $0 = substr($0, slash + 1)
            if (seen[$0]++) next
        }
        index($0, ENVIRON["STUI_PREFIX"]) == 1
    ' "${files[@]}"
}
"""


def bash_script(root: Command) -> str:
    """The whole script."""
    commands = list(root.walk())
    parts = [
        _START,
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


def _wanted(value: Value) -> str:
    return f"words {' '.join(value.words)}" if value.words else value.offer.value
