# bash completion for stui. Made by .ci/derive.py from the command tree: change that instead.
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

# Set found to the subcommands of command $1.
_stui_subcommands() {
    found=
    case "$1" in
        '') found='images sessions switch context status cleanup eval inspect load test browse jobs interrupt keys ping check log undo redo rollback audit config doctor help completion playground demo' ;;
        'images') found='list add show set rename remove connect disconnect trust export import discover launch save stop restart logs agent' ;;
        'sessions') found='list create show set restore rename close remove history stats export import' ;;
        'keys') found='list new show revoke rotate' ;;
        'log') found='list show' ;;
        'config') found='list get set path edit' ;;
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
        'sessions restore') found+='--replay --strict --time-limit' ;;
        'sessions history') found+='-n --last --source --sort --limit' ;;
        'sessions stats') found+='--sort --limit' ;;
        'sessions export') found+='-f --file --force' ;;
        'sessions import') found+='--as --replay --strict --time-limit' ;;
        'switch') found+='--default --unset --history --no-preserve' ;;
        'status') found+='-l --label --group-by --cached --max-age --watch --exit-code --textfile --sort --limit' ;;
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
        --columns) want='nothing' ;;
        --template) want='nothing' ;;
        --timeout) want='nothing' ;;
        --color) want='words auto always never' ;;
        --home) want='folder' ;;
        --lock-timeout) want='nothing' ;;
    esac
    case "$1 $2" in
        'images --sort') want='nothing' ;;
        'images --limit') want='nothing' ;;
        'images -l' | 'images --label') want='nothing' ;;
        'images list -l' | 'images list --label') want='nothing' ;;
        'images list --sort') want='nothing' ;;
        'images list --limit') want='nothing' ;;
        'images add --key-file') want='file' ;;
        'images add --key-id') want='nothing' ;;
        'images add --socket-owner') want='nothing' ;;
        'images add --ca-file') want='file' ;;
        'images add --fingerprint') want='nothing' ;;
        'images add --cert') want='file' ;;
        'images add --cert-key') want='file' ;;
        'images add -l' | 'images add --label') want='nothing' ;;
        'images set --address') want='nothing' ;;
        'images set --key-file') want='file' ;;
        'images set --key-id') want='nothing' ;;
        'images set --socket-owner') want='nothing' ;;
        'images set --ca-file') want='file' ;;
        'images set --fingerprint') want='nothing' ;;
        'images set --cert') want='file' ;;
        'images set --cert-key') want='file' ;;
        'images discover --sort') want='nothing' ;;
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
        'sessions --sort') want='nothing' ;;
        'sessions --limit') want='nothing' ;;
        'sessions --state') want='words active parked lost closed' ;;
        'sessions list --state') want='words active parked lost closed' ;;
        'sessions list --sort') want='nothing' ;;
        'sessions list --limit') want='nothing' ;;
        'sessions create --description') want='nothing' ;;
        'sessions set --description') want='nothing' ;;
        'sessions restore --time-limit') want='nothing' ;;
        'sessions history -n' | 'sessions history --last') want='nothing' ;;
        'sessions history --sort') want='nothing' ;;
        'sessions history --limit') want='nothing' ;;
        'sessions stats --sort') want='nothing' ;;
        'sessions stats --limit') want='nothing' ;;
        'sessions export -f' | 'sessions export --file') want='file' ;;
        'sessions import --as') want='nothing' ;;
        'sessions import --time-limit') want='nothing' ;;
        'status -l' | 'status --label') want='nothing' ;;
        'status --group-by') want='nothing' ;;
        'status --max-age') want='nothing' ;;
        'status --watch') want='nothing' ;;
        'status --textfile') want='file' ;;
        'status --sort') want='nothing' ;;
        'status --limit') want='nothing' ;;
        'cleanup --older-than') want='nothing' ;;
        'cleanup --grace') want='nothing' ;;
        'cleanup --unreachable-for') want='nothing' ;;
        'cleanup --plan') want='file' ;;
        'cleanup --apply') want='file' ;;
        'cleanup --sort') want='nothing' ;;
        'cleanup --limit') want='nothing' ;;
        'eval -f' | 'eval --file') want='file' ;;
        'eval -l' | 'eval --label') want='nothing' ;;
        'eval --time-limit') want='nothing' ;;
        'eval --print-limit') want='nothing' ;;
        'eval --once') want='nothing' ;;
        'inspect --depth') want='nothing' ;;
        'inspect --start') want='nothing' ;;
        'inspect --count') want='nothing' ;;
        'inspect --print-limit') want='nothing' ;;
        'inspect --time-limit') want='nothing' ;;
        'load -l' | 'load --label') want='nothing' ;;
        'load --format') want='words auto chunks brackets tonel statements' ;;
        'load --time-limit') want='nothing' ;;
        'test -l' | 'test --label') want='nothing' ;;
        'test --junit') want='file' ;;
        'test --time-limit') want='nothing' ;;
        'test --test-limit') want='nothing' ;;
        'browse --pattern') want='nothing' ;;
        'browse --against') want='image' ;;
        'browse --time-limit') want='nothing' ;;
        'browse --sort') want='nothing' ;;
        'browse --limit') want='nothing' ;;
        'jobs --sort') want='nothing' ;;
        'jobs --limit') want='nothing' ;;
        'keys --sort') want='nothing' ;;
        'keys --limit') want='nothing' ;;
        'keys --file') want='file' ;;
        'keys list --file') want='file' ;;
        'keys list --sort') want='nothing' ;;
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
        'ping --sort') want='nothing' ;;
        'ping --limit') want='nothing' ;;
        'check -w' | 'check --warning') want='nothing' ;;
        'check -c' | 'check --critical') want='nothing' ;;
        'check -t') want='nothing' ;;
        'check -l' | 'check --label') want='nothing' ;;
        'log --sort') want='nothing' ;;
        'log --limit') want='nothing' ;;
        'log -n' | 'log --number') want='nothing' ;;
        'log list -n' | 'log list --number') want='nothing' ;;
        'log list --sort') want='nothing' ;;
        'log list --limit') want='nothing' ;;
        'rollback --before') want='nothing' ;;
        'audit --since') want='nothing' ;;
        'audit -n' | 'audit --number') want='nothing' ;;
        'audit --sort') want='nothing' ;;
        'audit --limit') want='nothing' ;;
        'config --sort') want='nothing' ;;
        'config --limit') want='nothing' ;;
        'config list --sort') want='nothing' ;;
        'config list --limit') want='nothing' ;;
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
        'config get '0) want='words timeout output color pager lock_timeout grace older_than on_change audit_source history_limit audit_limit dialects.pharo.vm dialects.pharo.image dialects.squeak.vm dialects.squeak.image dialects.cuis.vm dialects.cuis.image' ;;
        'config set '0) want='words timeout output color pager lock_timeout grace older_than on_change audit_source history_limit audit_limit dialects.pharo.vm dialects.pharo.image dialects.squeak.vm dialects.squeak.image dialects.cuis.vm dialects.cuis.image' ;;
        'config set '1) want='value' ;;
        'doctor '0) want='image' ;;
        'help '*) want='words images sessions switch context status cleanup eval inspect load test browse jobs interrupt keys ping check log undo redo rollback audit config doctor help completion playground demo selecting source output exit-codes scripts cron durations project events environment files store glossary dialects security agent protocol api manual' ;;
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

complete -F _stui stui
