# bash completion for stui. Made by .ci/derive.py from the command tree: change that instead.
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
            for name in dialect status health; do
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
    want="words images sessions switch context status cleanup eval inspect load test browse jobs interrupt keys ping check log undo redo rollback audit config store doctor help completion playground demo selecting source output exit-codes scripts cron durations project events environment files glossary dialects teams security agent protocol api manual"
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

# Set STUI_HERE to what a command here means, IMAGE or IMAGE/SESSION, for a prompt: no process is started, unless it is
# not certain from the store's plain files (a .stui.toml decides, there is no /proc, a change is being made): then
# stui is asked. A session that STUI_SESSION names is shown whether it exists or not.
stui_here() {
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
    local line leader
    [[ -r /proc/self/stat ]] || return 1
    IFS= read -r -d '' line </proc/self/stat
    [[ ${line%% *} == ${BASHPID:-$$} ]] || return 1
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

# Set found to the subcommands of command $1.
_stui_subcommands() {
    found=
    case "$1" in
        '') found='images sessions switch context status cleanup eval inspect load test browse jobs interrupt keys ping check log undo redo rollback audit config store doctor help completion playground demo' ;;
        'images') found='list add show set rename remove connect disconnect trust export import discover launch save stop restart logs agent' ;;
        'sessions') found='list create show set restore rename close remove history stats export import' ;;
        'keys') found='list new show revoke rotate' ;;
        'log') found='list show' ;;
        'config') found='list get set path edit' ;;
        'store') found='show init copy' ;;
    esac
}

# Set found to the options of command $1.
_stui_options() {
    found='-i --image -s --session -o --output -q --quiet -v --verbose --no-headers --columns --template --timeout --no-input -y --yes --color --no-pager --home --lock-timeout --debug --version '
    case "$1" in
        'images') found+='--sort --limit -l --label' ;;
        'images list') found+='-l --label --sort --limit' ;;
        'images add') found+='--offline --key-file --key-id --allow-plaintext --socket-owner --ca-file --fingerprint --cert --cert-key -l --label' ;;
        'images set') found+='--address --key-file --key-id --no-key --allow-plaintext --no-allow-plaintext --socket-owner --ca-file --fingerprint --cert --cert-key --no-ca-file --no-fingerprint --no-cert' ;;
        'images remove') found+='--keep-running' ;;
        'images export') found+='-f --file --force' ;;
        'images discover') found+='--add --sort --limit' ;;
        'images launch') found+='--dialect --wait --vm --image-file --in-place --headless --window --supervise --memory-limit --port --restore --fresh' ;;
        'images save') found+='--time-limit' ;;
        'images stop') found+='--no-preserve' ;;
        'images restart') found+='--wait' ;;
        'images logs') found+='-n --lines -f --follow' ;;
        'images agent') found+='--start' ;;
        'sessions') found+='--sort --limit --state' ;;
        'sessions list') found+='--state --sort --limit' ;;
        'sessions create') found+='--description --switch --or-attach' ;;
        'sessions show') found+='--cached' ;;
        'sessions set') found+='--description' ;;
        'sessions restore') found+='--replay --strict --time-limit -n --dry-run' ;;
        'sessions history') found+='-n --last --source --sort --limit' ;;
        'sessions stats') found+='--sort --limit' ;;
        'sessions export') found+='-f --file --force' ;;
        'sessions import') found+='--as --replay --strict --time-limit' ;;
        'switch') found+='--default --unset --history --no-preserve' ;;
        'status') found+='-l --label --group-by --cached --max-age --watch --lead --exit-code --textfile --sort --limit' ;;
        'cleanup') found+='--all -n --dry-run --older-than --grace --unreachable-for --force --preserve-active --no-preserve-active --cached --plan --apply --sort --limit' ;;
        'eval') found+='-f --file --all -l --label --fail-early --keep-going --no-fold --no-history --must-record --time-limit --print-limit --once' ;;
        'inspect') found+='--depth --start --count --print-limit --time-limit' ;;
        'load') found+='--all -l --label --keep-going --format --time-limit' ;;
        'test') found+='--all -l --label --junit --time-limit --test-limit --fail-fast --rerun-failed' ;;
        'browse') found+='--pattern --against --exit-code --time-limit --sort --limit' ;;
        'jobs') found+='--sort --limit' ;;
        'keys') found+='--sort --limit --file' ;;
        'keys list') found+='--file --sort --limit' ;;
        'keys new') found+='--role --to --file' ;;
        'keys show') found+='--file' ;;
        'keys revoke') found+='--force --file' ;;
        'keys rotate') found+='--to --file' ;;
        'ping') found+='-c --count --interval --level --sort --limit' ;;
        'check') found+='-w --warning -c --critical -t -l --label -V' ;;
        'log') found+='--sort --limit -n --number --all' ;;
        'log list') found+='-n --number --all --sort --limit' ;;
        'rollback') found+='--before' ;;
        'audit') found+='--since -n --number --verify --sort --limit' ;;
        'config') found+='--sort --limit' ;;
        'config list') found+='--sort --limit' ;;
        'config set') found+='--unset' ;;
        'store') found+='--sort --limit' ;;
        'store init') found+='--print' ;;
        'doctor') found+='--address --key-file --key-id --ca-file --fingerprint --cert --cert-key --case --repair --case-timeout' ;;
        'help') found+='--man-path' ;;
        'playground') found+='--name --port --fresh' ;;
    esac
}

# Set want to what the value of option $2 of command $1 may be; a flag has none.
_stui_value() {
    case "$2" in
        -i | --image) want='image' ;;
        -s | --session) want='session' ;;
        -o | --output) want='words table plain json jsonl tsv name prometheus' ;;
        --columns) want='columns' ;;
        --template) want='nothing' ;;
        --timeout) want='nothing' ;;
        --color) want='words auto always never' ;;
        --home) want='folder' ;;
        --lock-timeout) want='nothing' ;;
    esac
    case "$1 $2" in
        'images --sort') want='columns' ;;
        'images --limit') want='nothing' ;;
        'images -l' | 'images --label') want='label' ;;
        'images list -l' | 'images list --label') want='label' ;;
        'images list --sort') want='columns' ;;
        'images list --limit') want='nothing' ;;
        'images add --key-file') want='file' ;;
        'images add --key-id') want='nothing' ;;
        'images add --socket-owner') want='nothing' ;;
        'images add --ca-file') want='file' ;;
        'images add --fingerprint') want='nothing' ;;
        'images add --cert') want='file' ;;
        'images add --cert-key') want='file' ;;
        'images add -l' | 'images add --label') want='label' ;;
        'images set --address') want='nothing' ;;
        'images set --key-file') want='file' ;;
        'images set --key-id') want='nothing' ;;
        'images set --socket-owner') want='nothing' ;;
        'images set --ca-file') want='file' ;;
        'images set --fingerprint') want='nothing' ;;
        'images set --cert') want='file' ;;
        'images set --cert-key') want='file' ;;
        'images export -f' | 'images export --file') want='file' ;;
        'images discover --sort') want='columns' ;;
        'images discover --limit') want='nothing' ;;
        'images launch --dialect') want='words gst playground pharo squeak cuis' ;;
        'images launch --wait') want='nothing' ;;
        'images launch --vm') want='file' ;;
        'images launch --image-file') want='given' ;;
        'images launch --memory-limit') want='nothing' ;;
        'images launch --port') want='nothing' ;;
        'images save --time-limit') want='nothing' ;;
        'images restart --wait') want='nothing' ;;
        'images logs -n' | 'images logs --lines') want='nothing' ;;
        'images agent --start') want='nothing' ;;
        'sessions --sort') want='columns' ;;
        'sessions --limit') want='nothing' ;;
        'sessions --state') want='list active parked lost closed' ;;
        'sessions list --state') want='list active parked lost closed' ;;
        'sessions list --sort') want='columns' ;;
        'sessions list --limit') want='nothing' ;;
        'sessions create --description') want='nothing' ;;
        'sessions set --description') want='nothing' ;;
        'sessions restore --time-limit') want='nothing' ;;
        'sessions history -n' | 'sessions history --last') want='nothing' ;;
        'sessions history --sort') want='columns' ;;
        'sessions history --limit') want='nothing' ;;
        'sessions stats --sort') want='columns' ;;
        'sessions stats --limit') want='nothing' ;;
        'sessions export -f' | 'sessions export --file') want='file' ;;
        'sessions import --as') want='nothing' ;;
        'sessions import --time-limit') want='nothing' ;;
        'status -l' | 'status --label') want='label' ;;
        'status --group-by') want='group' ;;
        'status --max-age') want='nothing' ;;
        'status --watch') want='nothing' ;;
        'status --textfile') want='file' ;;
        'status --sort') want='columns' ;;
        'status --limit') want='nothing' ;;
        'cleanup --older-than') want='nothing' ;;
        'cleanup --grace') want='nothing' ;;
        'cleanup --unreachable-for') want='nothing' ;;
        'cleanup --plan') want='file' ;;
        'cleanup --apply') want='file' ;;
        'cleanup --sort') want='columns' ;;
        'cleanup --limit') want='nothing' ;;
        'eval -f' | 'eval --file') want='file' ;;
        'eval -l' | 'eval --label') want='label' ;;
        'eval --time-limit') want='nothing' ;;
        'eval --print-limit') want='nothing' ;;
        'eval --once') want='nothing' ;;
        'inspect --depth') want='nothing' ;;
        'inspect --start') want='nothing' ;;
        'inspect --count') want='nothing' ;;
        'inspect --print-limit') want='nothing' ;;
        'inspect --time-limit') want='nothing' ;;
        'load -l' | 'load --label') want='label' ;;
        'load --format') want='words auto chunks brackets tonel statements' ;;
        'load --time-limit') want='nothing' ;;
        'test -l' | 'test --label') want='label' ;;
        'test --junit') want='file' ;;
        'test --time-limit') want='nothing' ;;
        'test --test-limit') want='nothing' ;;
        'browse --pattern') want='nothing' ;;
        'browse --against') want='image' ;;
        'browse --time-limit') want='nothing' ;;
        'browse --sort') want='columns' ;;
        'browse --limit') want='nothing' ;;
        'jobs --sort') want='columns' ;;
        'jobs --limit') want='nothing' ;;
        'keys --sort') want='columns' ;;
        'keys --limit') want='nothing' ;;
        'keys --file') want='file' ;;
        'keys list --file') want='file' ;;
        'keys list --sort') want='columns' ;;
        'keys list --limit') want='nothing' ;;
        'keys new --role') want='words observer developer admin' ;;
        'keys new --to') want='file' ;;
        'keys new --file') want='file' ;;
        'keys show --file') want='file' ;;
        'keys revoke --file') want='file' ;;
        'keys rotate --to') want='file' ;;
        'keys rotate --file') want='file' ;;
        'ping -c' | 'ping --count') want='nothing' ;;
        'ping --interval') want='nothing' ;;
        'ping --level') want='words tcp rpc image' ;;
        'ping --sort') want='columns' ;;
        'ping --limit') want='nothing' ;;
        'check -w' | 'check --warning') want='nothing' ;;
        'check -c' | 'check --critical') want='nothing' ;;
        'check -t') want='nothing' ;;
        'check -l' | 'check --label') want='label' ;;
        'log --sort') want='columns' ;;
        'log --limit') want='nothing' ;;
        'log -n' | 'log --number') want='nothing' ;;
        'log list -n' | 'log list --number') want='nothing' ;;
        'log list --sort') want='columns' ;;
        'log list --limit') want='nothing' ;;
        'rollback --before') want='nothing' ;;
        'audit --since') want='nothing' ;;
        'audit -n' | 'audit --number') want='nothing' ;;
        'audit --sort') want='columns' ;;
        'audit --limit') want='nothing' ;;
        'config --sort') want='columns' ;;
        'config --limit') want='nothing' ;;
        'config list --sort') want='columns' ;;
        'config list --limit') want='nothing' ;;
        'store --sort') want='columns' ;;
        'store --limit') want='nothing' ;;
        'doctor --address') want='nothing' ;;
        'doctor --key-file') want='file' ;;
        'doctor --key-id') want='nothing' ;;
        'doctor --ca-file') want='file' ;;
        'doctor --fingerprint') want='nothing' ;;
        'doctor --cert') want='file' ;;
        'doctor --cert-key') want='file' ;;
        'doctor --case') want='nothing' ;;
        'doctor --case-timeout') want='nothing' ;;
        'playground --name') want='nothing' ;;
        'playground --port') want='nothing' ;;
    esac
}

# Set want to what argument number $2 (from 0) of command $1 may be.
_stui_argument() {
    case "$1 $2" in
        'images list '*) want='image' ;;
        'images show '0) want='image' ;;
        'images set '0) want='image' ;;
        'images set '*) want='label' ;;
        'images rename '0) want='image' ;;
        'images remove '*) want='image' ;;
        'images connect '*) want='image' ;;
        'images disconnect '*) want='image' ;;
        'images trust '0) want='image' ;;
        'images export '*) want='image' ;;
        'images import '0) want='file' ;;
        'images save '0) want='image' ;;
        'images stop '*) want='image' ;;
        'images restart '*) want='image' ;;
        'images logs '0) want='image' ;;
        'images agent '0) want='words gst pharo squeak cuis' ;;
        'sessions list '*) want='target' ;;
        'sessions create '0) want='target' ;;
        'sessions show '0) want='target' ;;
        'sessions set '0) want='target' ;;
        'sessions restore '*) want='target' ;;
        'sessions rename '0) want='target' ;;
        'sessions close '*) want='target' ;;
        'sessions remove '*) want='target' ;;
        'sessions history '0) want='target' ;;
        'sessions stats '*) want='image' ;;
        'sessions export '0) want='target' ;;
        'sessions import '0) want='file' ;;
        'switch '0) want='target' ;;
        'status '*) want='image' ;;
        'cleanup '*) want='target' ;;
        'load '*) want='file' ;;
        'browse '0) want='words packages classes methods source comment hierarchy implementors senders' ;;
        'jobs '*) want='image' ;;
        'interrupt '*) want='target' ;;
        'keys show '0) want='key' ;;
        'keys revoke '0) want='key' ;;
        'keys rotate '0) want='key' ;;
        'ping '*) want='image' ;;
        'check '*) want='image' ;;
        'log show '0) want='operation' ;;
        'undo '0) want='operation' ;;
        'rollback '0) want='operation' ;;
        'config get '0) want='words timeout output color pager lock_timeout grace older_than on_change audit_source history_limit audit_limit store dialects.pharo.vm dialects.pharo.image dialects.squeak.vm dialects.squeak.image dialects.cuis.vm dialects.cuis.image' ;;
        'config set '0) want='words timeout output color pager lock_timeout grace older_than on_change audit_source history_limit audit_limit store dialects.pharo.vm dialects.pharo.image dialects.squeak.vm dialects.squeak.image dialects.cuis.vm dialects.cuis.image' ;;
        'config set '1) want='value' ;;
        'doctor '0) want='image' ;;
        'help '*) want='help' ;;
        'completion '0) want='words bash zsh fish' ;;
    esac
}

# Set want to what the value of setting $1 may be.
_stui_setting() {
    want=
    case "$1" in
        timeout) want='words 2s 5s' ;;
        output) want='words auto table plain json jsonl tsv name' ;;
        color) want='words auto always never' ;;
        lock_timeout) want='words 10s 30s' ;;
        grace) want='words 24h 3d' ;;
        older_than) want='words 30d' ;;
        audit_source) want='words text hash' ;;
        history_limit) want='words 1M 4M' ;;
        audit_limit) want='words 16M' ;;
        dialects.pharo.vm | dialects.pharo.image | dialects.squeak.vm | dialects.squeak.image | dialects.cuis.vm | dialects.cuis.image) want=file ;;
    esac
}

# Set found to the keys of what command $1 lists.
_stui_columns() {
    found=
    case "$1" in
        'images' | 'images list' | 'images add' | 'images set' | 'images rename' | 'images remove' | 'images connect' | 'images disconnect' | 'images trust' | 'images export' | 'images import' | 'playground') found='name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by' ;;
        'images show') found='name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by protected_by key_file socket_owner ca_file fingerprint cert cert_key log_file known_defects' ;;
        'images discover' | 'images agent') found='name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by registered part run' ;;
        'images launch') found='name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by restored' ;;
        'images save') found='name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by file bytes' ;;
        'images stop') found='name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by stopped kept' ;;
        'images restart') found='name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by kept restored' ;;
        'images logs') found='image line' ;;
        'sessions' | 'sessions list' | 'sessions create' | 'sessions set' | 'sessions rename' | 'sessions close' | 'sessions remove') found='name session_id image owner image_id image_address image_name image_version image_metadata connection_status state description created_at last_activity bindings current' ;;
        'sessions show') found='name session_id image owner image_id image_address image_name image_version image_metadata connection_status state description created_at last_activity bindings current incarnation live variables checkpoint evaluations history' ;;
        'sessions restore' | 'sessions import') found='name session_id image owner image_id image_address image_name image_version image_metadata connection_status state description created_at last_activity bindings current restored lost replayed' ;;
        'sessions history') found='number time image session source kind outcome print class error result elapsed_ms incarnation' ;;
        'sessions stats') found='image image_id source recorded total active idle orphaned bindings memory_estimate last_activity clients per_client reason' ;;
        'sessions export') found='name file session_id image_id bindings history' ;;
        'switch') found='name image session source path session_source session_path previous effective current status position' ;;
        'context') found='name image session source path session_source session_path' ;;
        'status') found='name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by group' ;;
        'cleanup') found='session image reason evidence action since probes found_image_id incarnation image_id session_id' ;;
        'eval') found='image session outcome value error output output_truncated elapsed_ms incarnation' ;;
        'inspect') found='class print hash size ref named indexed slot level' ;;
        'load') found='image session file kind name line outcome value error output' ;;
        'test') found='name image class selector outcome message stack output elapsed_ms' ;;
        'browse') found='name image package class side selector category superclass source against difference only_in there' ;;
        'jobs' | 'interrupt') found='image id state session session_id client_id ours method source started_at elapsed_ms' ;;
        'keys' | 'keys list' | 'keys new' | 'keys show' | 'keys revoke' | 'keys rotate') found='key_id role image file host used_by key_file commands accepted' ;;
        'ping') found='name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by level sent received min_ms avg_ms max_ms stddev_ms' ;;
        'check') found='name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by check' ;;
        'log' | 'log list' | 'undo' | 'redo' | 'rollback') found='number time user host pid command kind details undone_by summary' ;;
        'log show') found='number time user host pid command kind details undone_by summary changes' ;;
        'audit') found='time user host pid command action image images session role outcome ended source operation name sound lines line reason' ;;
        'config' | 'config list' | 'config get' | 'config set') found='key value source where path line default about' ;;
        'config path' | 'config edit') found='path exists' ;;
        'store' | 'store show') found='place kind schema schema_known head operations size latency_ms server role mode folder' ;;
        'store init') found='place created upgraded_from schema sql' ;;
        'store copy') found='from to head operations objects histories audit_lines' ;;
        'doctor') found='request case verdict expected got todo rule elapsed_ms' ;;
        'help') found='name about page section text' ;;
    esac
}

complete -F _stui stui
