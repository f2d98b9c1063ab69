"""`stui_here` for bash and zsh: what a command here means, for a prompt, without a process."""

from __future__ import annotations

# Both shells read it; zsh as ksh would. What is not certain from here is asked of stui itself, which costs a process.
HERE = r"""
# Set STUI_HERE to what a command here means, IMAGE or IMAGE/SESSION, for a prompt: no process is started, unless it is
# not certain from the store's plain files (a .stui.toml decides, there is no /proc, a change is being made): then
# stui is asked. A session that STUI_SESSION names is shown whether it exists or not.
stui_here() {
@SETTING@
    local folder session store target
    STUI_HERE=
    _stui_folder "${STUI_HOME:-}"
    session=${STUI_SESSION:-}
    if [[ -n ${STUI_IMAGE:-} ]]; then
        if [[ $STUI_IMAGE != */* ]] && _stui_is_fresh && _stui_is_image "$STUI_IMAGE"; then
            target=$STUI_IMAGE
        else
            _stui_ask
            return
        fi
    elif [[ ! -e $folder && $folder != *://* ]] && ! _stui_is_team; then
        return
    elif ! _stui_is_fresh || ! _stui_context; then
        _stui_ask
        return
    fi
    [[ -n $session && -n $target ]] && target=${target%%/*}/$session
    # A prompt may read what it shows once more.
    [[ $target == *[[:cntrl:][:space:]\$\`\\%]* ]] || STUI_HERE=$target
}

_stui_ask() {
    STUI_HERE=$(command stui context -qo name 2>/dev/null) || return 0
}

# Set folder to the store's, which is in $1 if that is not empty. Beside the store of a team it is this user's own, by
# the address: what is no letter or digit in it is _.
_stui_folder() {
    local state rest
    case ${XDG_STATE_HOME:-} in
        /*) state=$XDG_STATE_HOME/stui ;;
        *) state=${HOME:-}/.local/state/stui ;;
    esac
    folder=${1:-$state}
    [[ $folder == postgres*://* ]] || return 0
    rest=${folder#*://}
    rest=${rest##*@}
    rest=${rest//[^a-zA-Z0-9]/_}
    [[ -d $state/teams/${rest:0:100} ]] && folder=$state/teams/${rest:0:100}
    return 0
}

# Whether config.toml may name the store of a team; set store to what it names.
_stui_is_team() {
    local config line
    store=
    case ${STUI_HOME:-}:${XDG_CONFIG_HOME:-} in
        :/*) config=$XDG_CONFIG_HOME/stui ;;
        :*) config=${HOME:-}/.config/stui ;;
        *) config=$STUI_HOME ;;
    esac
    [[ -r $config/config.toml ]] || return 1
    while IFS= read -r line; do
        case ${line#"${line%%[![:space:]]*}"} in
            store* | \"store* | \'store*)
                store=${line#*=}
                store=${store#*[\"\']}
                store=${store%%[\"\']*}
                return 0
                ;;
        esac
    done <"$config/config.toml"
    return 1
}

# Whether the names are this user's own, and of the store as it is, or as the last command saw that of a team: no prompt
# waits for a database.
_stui_is_fresh() {
    local line head store scope team rest
    [[ -O $folder && -O $folder/names/contexts && -r $folder/names/contexts ]] || return 1
    { IFS=$'\t' read -r line head; IFS=$'\t' read -r scope team rest; } <"$folder/names/contexts"
    if _stui_is_team; then
        [[ $scope == team && $team == "$store" ]]
        return
    elif [[ ${STUI_HOME:-} == postgres*://* ]]; then
        [[ $scope == team ]]
        return
    fi
    [[ -r $folder/state.toml ]] || return 1
    while IFS= read -r line; do
        case $line in
            "head = $head") return 0 ;;
            head* | \[*) return 1 ;;
        esac
    done <"$folder/state.toml"
    return 1
}

_stui_is_image() {
    local line
    [[ -r $folder/names/images ]] || return 1
    while IFS= read -r line; do
        [[ $line == "$1" ]] && return
    done <"$folder/names/images"
    return 1
}

# Set target to what the context of this terminal, else the default, else the only image is; 1 if that is not certain.
# A terminal is its session's leader, when that started, and the boot: nobody who gets its process id later is taken
# for it. What of a scope's name says where process ids mean so is left out, as it takes a process to tell.
_stui_context() {
    local scope means default= key= dir=. line other=
    target=
    [[ -r $folder/names/contexts ]] && _stui_terminal || return 1
    while IFS=$'\t' read -r scope means; do
        case $scope in
            default) default=$means ;;
            "$key":*) [[ -n $key ]] && target=$means && return 0 ;;
        esac
    done <"$folder/names/contexts"
    while [[ ! -e $dir/.stui.toml ]]; do
        if [[ $dir -ef / ]]; then
            target=$default
            if [[ -z $target && -r $folder/names/images ]]; then
                { IFS= read -r target; IFS= read -r other; } <"$folder/names/images"
                [[ -n $other ]] && target=
            fi
            return 0
        fi
        dir=$dir/..
    done
    return 1
}

# Set key to how the scope of this terminal begins, nothing without a terminal; 1 where it cannot be seen.
_stui_terminal() {
@SETTING@
    local line leader
    [[ -r /proc/self/stat ]] || return 1
    IFS= read -r -d '' line </proc/self/stat
    [[ ${line%% *} == @SELF@ ]] || return 1
    # Behind the program's name, which may hold anything: state, parent, group, leader of the session, terminal.
    line=${line##*\)}
    local IFS=$' \n'
    set -- $line
    leader=$4
    [[ $5 == 0 ]] && return 0
    [[ -r /proc/$leader/stat ]] || return 1
    IFS= read -r -d '' line <"/proc/$leader/stat"
    line=${line##*\)}
    set -- $line
    [[ -n ${20:-} ]] || return 1
    [[ -r /proc/sys/kernel/random/boot_id ]] && IFS= read -r line </proc/sys/kernel/random/boot_id || return 1
    key=terminal:$leader:${20}:${line:0:8}
}
"""


def here(setting: str, own_id: str) -> str:
    """The functions for a shell: `setting` comes first where words are split, `own_id` is the shell's process id."""
    return HERE.replace("@SELF@", own_id).replace("@SETTING@\n", f"    {setting}\n" if setting else "").lstrip("\n")
