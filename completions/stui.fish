# fish completion for stui. Made by .ci/derive.py from the command tree: change that instead.
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
        else if test $plain = 0; and contains -- $word -i --image -s --session -o --output --columns --template --timeout --color --home --lock-timeout
            set skip 1
        else if test $plain = 0; and contains -- "$path $word" ' images --sort' ' images --limit' ' images -l' ' images --label' ' images list -l' ' images list --label' ' images list --sort' ' images list --limit' ' images add --key-file' ' images add --key-id' ' images add --socket-owner' ' images add --ca-file' ' images add --fingerprint' ' images add --cert' ' images add --cert-key' ' images add -l' ' images add --label' ' images set --address' ' images set --key-file' ' images set --key-id' ' images set --socket-owner' ' images set --ca-file' ' images set --fingerprint' ' images set --cert' ' images set --cert-key' ' images export -f' ' images export --file' ' images discover --sort' ' images discover --limit' ' images launch --dialect' ' images launch --wait' ' images launch --vm' ' images launch --image-file' ' images launch --memory-limit' ' images launch --port' ' images save --time-limit' ' images restart --wait' ' images logs -n' ' images logs --lines' ' images agent --start' ' sessions --sort' ' sessions --limit' ' sessions --state' ' sessions list --state' ' sessions list --sort' ' sessions list --limit' ' sessions create --description' ' sessions set --description' ' sessions restore --time-limit' ' sessions history -n' ' sessions history --last' ' sessions history --sort' ' sessions history --limit' ' sessions stats --sort' ' sessions stats --limit' ' sessions export -f' ' sessions export --file' ' sessions import --as' ' sessions import --time-limit' ' status -l' ' status --label' ' status --group-by' ' status --max-age' ' status --watch' ' status --textfile' ' status --sort' ' status --limit' ' cleanup --older-than' ' cleanup --grace' ' cleanup --unreachable-for' ' cleanup --plan' ' cleanup --apply' ' cleanup --sort' ' cleanup --limit' ' eval -f' ' eval --file' ' eval -l' ' eval --label' ' eval --time-limit' ' eval --print-limit' ' eval --once' ' inspect --depth' ' inspect --start' ' inspect --count' ' inspect --print-limit' ' inspect --time-limit' ' load -l' ' load --label' ' load --format' ' load --time-limit' ' test -l' ' test --label' ' test --junit' ' test --time-limit' ' test --test-limit' ' browse --pattern' ' browse --against' ' browse --time-limit' ' browse --sort' ' browse --limit' ' jobs --sort' ' jobs --limit' ' keys --sort' ' keys --limit' ' keys --file' ' keys list --file' ' keys list --sort' ' keys list --limit' ' keys new --role' ' keys new --to' ' keys new --file' ' keys show --file' ' keys revoke --file' ' keys rotate --to' ' keys rotate --file' ' ping -c' ' ping --count' ' ping --interval' ' ping --level' ' ping --sort' ' ping --limit' ' check -w' ' check --warning' ' check -c' ' check --critical' ' check -t' ' check -l' ' check --label' ' log --sort' ' log --limit' ' log -n' ' log --number' ' log list -n' ' log list --number' ' log list --sort' ' log list --limit' ' rollback --before' ' audit --since' ' audit -n' ' audit --number' ' audit --sort' ' audit --limit' ' config --sort' ' config --limit' ' config list --sort' ' config list --limit' ' store --sort' ' store --limit' ' doctor --address' ' doctor --key-file' ' doctor --key-id' ' doctor --ca-file' ' doctor --fingerprint' ' doctor --cert' ' doctor --cert-key' ' doctor --case' ' doctor --case-timeout' ' playground --name' ' playground --port'
            set skip 1
        else if test $plain = 0 -a "$word" = --
            set plain 1
        else if test $plain = 0; and string match -qr -- '^-[a-zA-Z]{2,}$' $word
            __stui_letters "$path" $word
            and set skip 1
        else if test $plain = 0; and string match -q -- '-?*' $word
        else if contains -- "$path $word" ' images' ' images list' ' images add' ' images show' ' images set' ' images rename' ' images remove' ' images connect' ' images disconnect' ' images trust' ' images export' ' images import' ' images discover' ' images launch' ' images save' ' images stop' ' images restart' ' images logs' ' images agent' ' sessions' ' sessions list' ' sessions create' ' sessions show' ' sessions set' ' sessions restore' ' sessions rename' ' sessions close' ' sessions remove' ' sessions history' ' sessions stats' ' sessions export' ' sessions import' ' switch' ' context' ' status' ' cleanup' ' eval' ' inspect' ' load' ' test' ' browse' ' jobs' ' interrupt' ' keys' ' keys list' ' keys new' ' keys show' ' keys revoke' ' keys rotate' ' ping' ' check' ' log' ' log list' ' log show' ' undo' ' redo' ' rollback' ' audit' ' config' ' config list' ' config get' ' config set' ' config path' ' config edit' ' store' ' store show' ' store init' ' store copy' ' doctor' ' help' ' completion' ' playground' ' demo'
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
        if contains -- -$letters[$i] -i --image -s --session -o --output --columns --template --timeout --color --home --lock-timeout; or contains -- "$argv[1] -$letters[$i]" ' images --sort' ' images --limit' ' images -l' ' images --label' ' images list -l' ' images list --label' ' images list --sort' ' images list --limit' ' images add --key-file' ' images add --key-id' ' images add --socket-owner' ' images add --ca-file' ' images add --fingerprint' ' images add --cert' ' images add --cert-key' ' images add -l' ' images add --label' ' images set --address' ' images set --key-file' ' images set --key-id' ' images set --socket-owner' ' images set --ca-file' ' images set --fingerprint' ' images set --cert' ' images set --cert-key' ' images export -f' ' images export --file' ' images discover --sort' ' images discover --limit' ' images launch --dialect' ' images launch --wait' ' images launch --vm' ' images launch --image-file' ' images launch --memory-limit' ' images launch --port' ' images save --time-limit' ' images restart --wait' ' images logs -n' ' images logs --lines' ' images agent --start' ' sessions --sort' ' sessions --limit' ' sessions --state' ' sessions list --state' ' sessions list --sort' ' sessions list --limit' ' sessions create --description' ' sessions set --description' ' sessions restore --time-limit' ' sessions history -n' ' sessions history --last' ' sessions history --sort' ' sessions history --limit' ' sessions stats --sort' ' sessions stats --limit' ' sessions export -f' ' sessions export --file' ' sessions import --as' ' sessions import --time-limit' ' status -l' ' status --label' ' status --group-by' ' status --max-age' ' status --watch' ' status --textfile' ' status --sort' ' status --limit' ' cleanup --older-than' ' cleanup --grace' ' cleanup --unreachable-for' ' cleanup --plan' ' cleanup --apply' ' cleanup --sort' ' cleanup --limit' ' eval -f' ' eval --file' ' eval -l' ' eval --label' ' eval --time-limit' ' eval --print-limit' ' eval --once' ' inspect --depth' ' inspect --start' ' inspect --count' ' inspect --print-limit' ' inspect --time-limit' ' load -l' ' load --label' ' load --format' ' load --time-limit' ' test -l' ' test --label' ' test --junit' ' test --time-limit' ' test --test-limit' ' browse --pattern' ' browse --against' ' browse --time-limit' ' browse --sort' ' browse --limit' ' jobs --sort' ' jobs --limit' ' keys --sort' ' keys --limit' ' keys --file' ' keys list --file' ' keys list --sort' ' keys list --limit' ' keys new --role' ' keys new --to' ' keys new --file' ' keys show --file' ' keys revoke --file' ' keys rotate --to' ' keys rotate --file' ' ping -c' ' ping --count' ' ping --interval' ' ping --level' ' ping --sort' ' ping --limit' ' check -w' ' check --warning' ' check -c' ' check --critical' ' check -t' ' check -l' ' check --label' ' log --sort' ' log --limit' ' log -n' ' log --number' ' log list -n' ' log list --number' ' log list --sort' ' log list --limit' ' rollback --before' ' audit --since' ' audit -n' ' audit --number' ' audit --sort' ' audit --limit' ' config --sort' ' config --limit' ' config list --sort' ' config list --limit' ' store --sort' ' store --limit' ' doctor --address' ' doctor --key-file' ' doctor --key-id' ' doctor --ca-file' ' doctor --fingerprint' ' doctor --cert' ' doctor --cert-key' ' doctor --case' ' doctor --case-timeout' ' playground --name' ' playground --port'
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
        contains -- "$path $word" ' images' ' images list' ' images add' ' images show' ' images set' ' images rename' ' images remove' ' images connect' ' images disconnect' ' images trust' ' images export' ' images import' ' images discover' ' images launch' ' images save' ' images stop' ' images restart' ' images logs' ' images agent' ' sessions' ' sessions list' ' sessions create' ' sessions show' ' sessions set' ' sessions restore' ' sessions rename' ' sessions close' ' sessions remove' ' sessions history' ' sessions stats' ' sessions export' ' sessions import' ' switch' ' context' ' status' ' cleanup' ' eval' ' inspect' ' load' ' test' ' browse' ' jobs' ' interrupt' ' keys' ' keys list' ' keys new' ' keys show' ' keys revoke' ' keys rotate' ' ping' ' check' ' log' ' log list' ' log show' ' undo' ' redo' ' rollback' ' audit' ' config' ' config list' ' config get' ' config set' ' config path' ' config edit' ' store' ' store show' ' store init' ' store copy' ' doctor' ' help' ' completion' ' playground' ' demo'; and set path "$path $word"
    end
    set -l keys
    switch $path
        case ' images' ' images list' ' images add' ' images set' ' images rename' ' images remove' ' images connect' ' images disconnect' ' images trust' ' images export' ' images import' ' playground'
            set keys name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by
        case ' images show'
            set keys name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by protected_by key_file socket_owner ca_file fingerprint cert cert_key log_file known_defects
        case ' images discover' ' images agent'
            set keys name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by registered part run
        case ' images launch'
            set keys name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by restored
        case ' images save'
            set keys name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by file bytes
        case ' images stop'
            set keys name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by stopped kept
        case ' images restart'
            set keys name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by kept restored
        case ' images logs'
            set keys image line
        case ' sessions' ' sessions list' ' sessions create' ' sessions set' ' sessions rename' ' sessions close' ' sessions remove'
            set keys name session_id image owner image_id image_address image_name image_version image_metadata connection_status state description created_at last_activity bindings current
        case ' sessions show'
            set keys name session_id image owner image_id image_address image_name image_version image_metadata connection_status state description created_at last_activity bindings current incarnation live variables checkpoint evaluations history
        case ' sessions restore' ' sessions import'
            set keys name session_id image owner image_id image_address image_name image_version image_metadata connection_status state description created_at last_activity bindings current restored lost replayed
        case ' sessions history'
            set keys number time image session source kind outcome print class error result elapsed_ms incarnation
        case ' sessions stats'
            set keys image image_id source recorded total active idle orphaned bindings memory_estimate last_activity clients per_client reason
        case ' sessions export'
            set keys name file session_id image_id bindings history
        case ' switch'
            set keys name image session source path session_source session_path previous effective current status position
        case ' context'
            set keys name image session source path session_source session_path
        case ' status'
            set keys name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by group
        case ' cleanup'
            set keys session image reason evidence action since probes found_image_id incarnation image_id session_id
        case ' eval'
            set keys image session outcome value error output output_truncated elapsed_ms incarnation
        case ' inspect'
            set keys class print hash size ref named indexed slot level
        case ' load'
            set keys image session file kind name line outcome value error output
        case ' test'
            set keys name image class selector outcome message stack output elapsed_ms
        case ' browse'
            set keys name image package class side selector category superclass source against difference only_in there
        case ' jobs' ' interrupt'
            set keys image id state session session_id client_id ours method source started_at elapsed_ms
        case ' keys' ' keys list' ' keys new' ' keys show' ' keys revoke' ' keys rotate'
            set keys key_id role image file host used_by key_file commands accepted
        case ' ping'
            set keys name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by level sent received min_ms avg_ms max_ms stddev_ms
        case ' check'
            set keys name image_id incarnation address dialect image_version image_name metadata status health since checked_at age_s latency_ms reason pid uptime_ms memory_used memory_limit session_count evaluating scheduled_ms last_seen last_activity parked reached blocked measured_at role role_checked_at seen_by check
        case ' log' ' log list' ' undo' ' redo' ' rollback'
            set keys number time user host pid command kind details undone_by summary
        case ' log show'
            set keys number time user host pid command kind details undone_by summary changes
        case ' audit'
            set keys time user host pid command action image images session role outcome ended source operation name sound lines line reason
        case ' config' ' config list' ' config get' ' config set'
            set keys key value source where path line default about
        case ' config path' ' config edit'
            set keys path exists
        case ' store' ' store show'
            set keys place kind schema schema_known head operations size latency_ms server role mode folder
        case ' store init'
            set keys place created upgraded_from schema sql
        case ' store copy'
            set keys from to head operations objects histories audit_lines
        case ' doctor'
            set keys request case verdict expected got todo rule elapsed_ms
        case ' help'
            set keys name about page section text
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

# Set STUI_HERE to what a command here means, IMAGE or IMAGE/SESSION, for a prompt: no process is started, unless it is
# not certain from the store's plain files (a .stui.toml decides, there is no /proc, a change is being made): then
# stui is asked. A session that STUI_SESSION names is shown whether it exists or not.
# What a function finds it sets in who called it: to read what one prints takes fish 0.1 ms, ten of them a millisecond.
function stui_here
    set -g STUI_HERE
    set -l folder
    set -l target
    __stui_find_folder $STUI_HOME
    if test -n "$STUI_IMAGE"
        if not string match -q '*/*' -- $STUI_IMAGE
            and __stui_is_fresh $folder
            and __stui_is_image $folder $STUI_IMAGE
            set target $STUI_IMAGE
        else
            __stui_ask
            return
        end
    else if not test -e $folder; and not string match -q '*://*' -- $folder; and not __stui_is_team >/dev/null
        return
    else
        __stui_is_fresh $folder
        and __stui_find_context $folder
        or begin
            __stui_ask
            return
        end
    end
    if test -n "$STUI_SESSION" -a -n "$target"
        set target (string replace -r '/.*' '' -- $target)/$STUI_SESSION
    end
    string match -qr '[[:cntrl:]\s]' -- "$target"; or set -g STUI_HERE $target
    return 0
end

function __stui_ask
    set -g STUI_HERE (command stui context -qo name 2>/dev/null)
    return 0
end

# The folder of the store, which is $argv[1] if that is not empty. Beside the store of a team it is this user's own, by
# the address: what is no letter or digit in it is _.
function __stui_folder
    set -l folder
    __stui_find_folder $argv[1]
    echo $folder
end

# The same, set as $folder.
function __stui_find_folder --no-scope-shadowing
    set -l state $HOME/.local/state/stui
    string match -q '/*' -- $XDG_STATE_HOME; and set state $XDG_STATE_HOME/stui
    set folder $argv[1]
    test -n "$folder"; or set folder $state
    if string match -q 'postgres*://*' -- $folder
        set -l rest (string replace -r '^[^:]*://(.*@)?' '' -- $folder | string replace -ra '[^a-zA-Z0-9]' _)
        set -l own $state/teams/(string sub -l 100 -- $rest)
        test -d $own; and set folder $own
    end
    return 0
end

# Whether config.toml may name the store of a team; print what it names.
function __stui_is_team
    set -l config $HOME/.config/stui
    if test -n "$STUI_HOME"
        set config $STUI_HOME
    else if string match -q '/*' -- $XDG_CONFIG_HOME
        set config $XDG_CONFIG_HOME/stui
    end
    test -r $config/config.toml; or return
    while read -l line
        if string match -qr '^\s*["\']?store' -- $line
            string match -r -g '=[^"\']*["\']([^"\']*)' -- $line
            return 0
        end
    end <$config/config.toml
    return 1
end

# Whether the names in the store $argv[1] are this user's own, and of the store as it is, or as the last command saw
# that of a team: no prompt waits for a database.
function __stui_is_fresh
    test -O $argv[1] -a -O $argv[1]/names/contexts -a -r $argv[1]/names/contexts; or return
    begin
        read -l head
        read -l -d \t scope team rest
        if __stui_is_team >/dev/null
            set -l store (__stui_is_team)
            test "$scope" = team -a "$team" = "$store"
            return
        else if string match -q 'postgres*://*' -- $STUI_HOME
            test "$scope" = team
            return
        end
    end <$argv[1]/names/contexts
    test -r $argv[1]/state.toml; or return
    read -l -d \t key head <$argv[1]/names/contexts
    while read -l line
        switch $line
            case "$key = $head"
                return 0
            case 'head = *' '[*'
                return 1
        end
    end <$argv[1]/state.toml
    return 1
end

function __stui_is_image
    test -r $argv[1]/names/images; or return
    while read -l line
        test "$line" = $argv[2]; and return
    end <$argv[1]/names/images
    return 1
end

# What the context of this terminal, else the default, else the only image is; 1 where that is not certain.
# A terminal is its session's leader, when that started, and the boot: nobody who gets its process id later is taken
# for it. What of a scope's name says where process ids mean so is left out, as it takes a process to tell.
function __stui_context
    set -l target
    __stui_find_context $argv[1]; or return
    echo $target
end

# The same, set as $target.
function __stui_find_context --no-scope-shadowing
    test -r $argv[1]/names/contexts; or return
    set -l terminal
    __stui_find_terminal; or return
    set -l default
    while read -l -d \t scope named
        if test "$scope" = default
            set default $named
        else if test -n "$terminal"; and string match -q -- "$terminal:*" $scope
            set target $named
            return 0
        end
    end <$argv[1]/names/contexts
    set -l dir (path resolve .)
    while not test -e $dir/.stui.toml
        if test -z "$dir"
            if test -z "$default" -a -r $argv[1]/names/images
                begin
                    read -l first
                    read -l other
                    test -n "$other"; or set default $first
                end <$argv[1]/names/images
            end
            set target $default
            return 0
        end
        string match -qr '^(?<dir>.*)/' -- $dir
    end
    return 1
end

# How the scope of this terminal begins, set as $terminal: nothing without a terminal; 1 where it cannot be seen.
function __stui_find_terminal --no-scope-shadowing
    test -r /proc/self/stat; or return
    read -l -z line </proc/self/stat
    # Behind the program's name, which may hold anything: state, parent, group, leader of the session, terminal.
    set -l pid
    set -l leader
    set -l device
    string match -qr '(?s)^(?<pid>\d+) .*\) \S+ \S+ \S+ (?<leader>\d+) (?<device>\S+)' -- $line
    test "$pid" = $fish_pid; or return
    test $device = 0; and return 0
    test -r /proc/$leader/stat; or return
    read -l -z line </proc/$leader/stat
    if not set -q __stui_boot
        test -r /proc/sys/kernel/random/boot_id; or return
        read -l boot </proc/sys/kernel/random/boot_id
        set -g __stui_boot (string sub -l 8 -- $boot)
    end
    set -l started
    string match -qr '(?s).*\)(?: \S+){19} (?<started>\d+)' -- $line
    set terminal terminal:$leader:$started:$__stui_boot
end
# What the setting that the word before the cursor names may be.
function __stui_setting_values
    switch (string replace -a -- - _ (commandline -opc)[-1])
        case timeout
            string split ' ' '2s 5s'
        case output
            string split ' ' 'auto table plain json jsonl tsv name'
        case color
            string split ' ' 'auto always never'
        case lock_timeout
            string split ' ' '10s 30s'
        case grace
            string split ' ' '24h 3d'
        case older_than
            string split ' ' '30d'
        case audit_source
            string split ' ' 'text hash'
        case history_limit
            string split ' ' '1M 4M'
        case audit_limit
            string split ' ' '16M'
        case dialects.pharo.vm dialects.pharo.image dialects.squeak.vm dialects.squeak.image dialects.cuis.vm dialects.cuis.image
            set -l start (commandline -ct)
            set -l found "$start"*
            printf '%s\n' $found
    end
end

complete -c stui -e
complete -c stui -f
complete -c stui -s i -l image -x -a '(__stui_names image)' -d 'The image meant'
complete -c stui -s s -l session -x -a '(__stui_names session)' -d 'The session meant; refused where none can be'
complete -c stui -s o -l output -x -a 'table plain json jsonl tsv name prometheus' -d 'table, plain, json, jsonl, tsv or name; for status also prometheus'
complete -c stui -s q -l quiet -d 'Say nothing but data and failures'
complete -c stui -s v -l verbose -d 'Say more: the store, what is meant and why, who answers, how long'
complete -c stui -l no-headers -d 'No headings above the rows'
complete -c stui -l columns -x -a '(__stui_columns)' -d 'Only these columns, separated by commas'
complete -c stui -l template -x -d 'A line for each item, its fields in braces: \'{name} {status}\''
complete -c stui -l timeout -x -d 'How long a command may talk to images, all in all (2s)'
complete -c stui -l no-input -d 'Never ask; fail where an answer is needed'
complete -c stui -s y -l yes -d 'Answer every question with yes'
complete -c stui -l color -x -a 'auto always never' -d 'Colour on a terminal (auto), in a pipe too, or never'
complete -c stui -l no-pager -d 'Print also what is longer than the terminal, without a pager'
complete -c stui -l home -x -a '(__fish_complete_directories)' -d 'The store\'s directory, or a team\'s database ($STUI_HOME)'
complete -c stui -l lock-timeout -x -d 'How long to wait for the store\'s lock (10s); 0 tries once'
complete -c stui -l debug -d 'Show the traceback of an unexpected failure'
complete -c stui -n '__stui_at ""' -l version -d 'Print the version'
complete -c stui -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at "" 0' -a images -d 'Register, start and look after images'
complete -c stui -n '__stui_at "" 0' -a sessions -d 'Make, list and close sessions'
complete -c stui -n '__stui_at "" 0' -a switch -d 'Go to an image or a session'
complete -c stui -n '__stui_at "" 0' -a context -d 'Tell what a command here would mean, and why'
complete -c stui -n '__stui_at "" 0' -a status -d 'Probe images and tell how they are'
complete -c stui -n '__stui_at "" 0' -a cleanup -d 'Sweep the sessions that are left behind'
complete -c stui -n '__stui_at "" 0' -a eval -d 'Run an expression in an image'
complete -c stui -n '__stui_at "" 0' -a inspect -d 'Look into an object, page by page'
complete -c stui -n '__stui_at "" 0' -a load -d 'Load files of source into images'
complete -c stui -n '__stui_at "" 0' -a test -d 'Run the tests of images'
complete -c stui -n '__stui_at "" 0' -a browse -d 'Browse the code of an image'
complete -c stui -n '__stui_at "" 0' -a jobs -d 'List what runs in images'
complete -c stui -n '__stui_at "" 0' -a interrupt -d 'Stop what runs in an image'
complete -c stui -n '__stui_at "" 0' -a keys -d 'Give and take back the keys of images'
complete -c stui -n '__stui_at "" 0' -a ping -d 'Ping images'
complete -c stui -n '__stui_at "" 0' -a check -d 'Check images as a plug-in of Nagios'
complete -c stui -n '__stui_at "" 0' -a log -d 'The changes of the store, newest first'
complete -c stui -n '__stui_at "" 0' -a undo -d 'Take back one change'
complete -c stui -n '__stui_at "" 0' -a redo -d 'Take back the last undo'
complete -c stui -n '__stui_at "" 0' -a rollback -d 'Take back every change after one'
complete -c stui -n '__stui_at "" 0' -a audit -d 'Tell who did what to which image'
complete -c stui -n '__stui_at "" 0' -a config -d 'The settings: list, get, set and edit'
complete -c stui -n '__stui_at "" 0' -a store -d 'The place that keeps everything'
complete -c stui -n '__stui_at "" 0' -a doctor -d 'Check an image\'s agent, or this machine'
complete -c stui -n '__stui_at "" 0' -a help -d 'Show the manual of a command or on a topic'
complete -c stui -n '__stui_at "" 0' -a completion -d 'Print the completion script of a shell'
complete -c stui -n '__stui_at "" 0' -a playground -d 'Serve a small Smalltalk until Ctrl-C'
complete -c stui -n '__stui_at "" 0' -a demo -d 'Try stui on two images in a temporary home'

# stui images
complete -c stui -n '__stui_at " images"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " images"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " images"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " images"' -s l -l label -x -a '(__stui_labels)' -d 'Only images with this label'
complete -c stui -n '__stui_at " images" 0' -a list -d 'List the registered images'
complete -c stui -n '__stui_at " images" 0' -a add -d 'Register an image by its address'
complete -c stui -n '__stui_at " images" 0' -a show -d 'Show all that is known of one image'
complete -c stui -n '__stui_at " images" 0' -a set -d 'Change an image\'s metadata, key or address'
complete -c stui -n '__stui_at " images" 0' -a rename -d 'Give an image another name'
complete -c stui -n '__stui_at " images" 0' -a remove -d 'Take an image out of the registry'
complete -c stui -n '__stui_at " images" 0' -a connect -d 'Take a parked image up again, and probe it'
complete -c stui -n '__stui_at " images" 0' -a disconnect -d 'Park an image: leave it alone on purpose'
complete -c stui -n '__stui_at " images" 0' -a trust -d 'Accept another image at a known address'
complete -c stui -n '__stui_at " images" 0' -a export -d 'Write the registry as TOML'
complete -c stui -n '__stui_at " images" 0' -a import -d 'Register the images that a TOML file lists'
complete -c stui -n '__stui_at " images" 0' -a discover -d 'Find agents that run on this machine'
complete -c stui -n '__stui_at " images" 0' -a launch -d 'Start an image with an agent and register it'
complete -c stui -n '__stui_at " images" 0' -a save -d 'Save a launched image with its sessions'
complete -c stui -n '__stui_at " images" 0' -a stop -d 'End an image that was launched here'
complete -c stui -n '__stui_at " images" 0' -a restart -d 'Stop an image and launch it again, with its sessions'
complete -c stui -n '__stui_at " images" 0' -a logs -d 'Show what a launched image has printed'
complete -c stui -n '__stui_at " images" 0' -a agent -d 'Tell where the agent of a dialect is, and how to load it'

# stui images list
complete -c stui -n '__stui_at " images list"' -s l -l label -x -a '(__stui_labels)' -d 'Only images with this label'
complete -c stui -n '__stui_at " images list"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " images list"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " images list"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " images list"' -a '(__stui_names image)' -d 'IMAGE'

# stui images add
complete -c stui -n '__stui_at " images add"' -l offline -d 'Register it without contact; its id is pinned at the first one'
complete -c stui -n '__stui_at " images add"' -l key-file -r -F -d 'The file with the key to prove'
complete -c stui -n '__stui_at " images add"' -l key-id -x -d 'Which key of that file (the first)'
complete -c stui -n '__stui_at " images add"' -l allow-plaintext -d 'Allow tcp:// to another machine'
complete -c stui -n '__stui_at " images add"' -l socket-owner -x -d 'Trust the unix:// socket of this user, too'
complete -c stui -n '__stui_at " images add"' -l ca-file -r -F -d 'tls://: the CAs to trust, instead of this machine\'s (PEM)'
complete -c stui -n '__stui_at " images add"' -l fingerprint -x -d 'tls://: trust the certificate with this SHA-256 alone'
complete -c stui -n '__stui_at " images add"' -l cert -r -F -d 'tls://: our certificate, for a server that asks for one (PEM)'
complete -c stui -n '__stui_at " images add"' -l cert-key -r -F -d 'The key of --cert, where it is in a file of its own'
complete -c stui -n '__stui_at " images add"' -s l -l label -x -a '(__stui_labels)' -d 'A label; may be repeated'
complete -c stui -n '__stui_at " images add"' -s h -l help -d 'Show this message and exit'

# stui images show
complete -c stui -n '__stui_at " images show"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " images show" 0' -a '(__stui_names image)' -d 'NAME'

# stui images set
complete -c stui -n '__stui_at " images set"' -l address -x -d 'Where it listens now; its id stays pinned'
complete -c stui -n '__stui_at " images set"' -l key-file -r -F -d 'The file with the key to prove'
complete -c stui -n '__stui_at " images set"' -l key-id -x -d 'Which key of that file'
complete -c stui -n '__stui_at " images set"' -l no-key -d 'The image asks for no key any more'
complete -c stui -n '__stui_at " images set"' -l allow-plaintext -l no-allow-plaintext -d 'Whether tcp:// may leave this machine'
complete -c stui -n '__stui_at " images set"' -l socket-owner -x -d 'Trust the unix:// socket of this user, too; empty: no more'
complete -c stui -n '__stui_at " images set"' -l ca-file -r -F -d 'tls://: the CAs to trust, instead of this machine\'s (PEM)'
complete -c stui -n '__stui_at " images set"' -l fingerprint -x -d 'tls://: trust the certificate with this SHA-256 alone'
complete -c stui -n '__stui_at " images set"' -l cert -r -F -d 'tls://: our certificate, for a server that asks for one (PEM)'
complete -c stui -n '__stui_at " images set"' -l cert-key -r -F -d 'The key of --cert, where it is in a file of its own'
complete -c stui -n '__stui_at " images set"' -l no-ca-file -d 'Trust the CAs of this machine again'
complete -c stui -n '__stui_at " images set"' -l no-fingerprint -d 'Pin no certificate any more: trust CAs'
complete -c stui -n '__stui_at " images set"' -l no-cert -d 'Show no certificate of ours any more'
complete -c stui -n '__stui_at " images set"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " images set" 0' -a '(__stui_names image)' -d 'NAME'
complete -c stui -n '__stui_at " images set"' -a '(__stui_labels)' -d 'KEY=VALUE'

# stui images rename
complete -c stui -n '__stui_at " images rename"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " images rename" 0' -a '(__stui_names image)' -d 'NAME'

# stui images remove
complete -c stui -n '__stui_at " images remove"' -l keep-running -d 'Also one that was launched here and runs: its process goes on'
complete -c stui -n '__stui_at " images remove"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " images remove"' -a '(__stui_names image)' -d 'NAMES'

# stui images connect
complete -c stui -n '__stui_at " images connect"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " images connect"' -a '(__stui_names image)' -d 'NAMES'

# stui images disconnect
complete -c stui -n '__stui_at " images disconnect"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " images disconnect"' -a '(__stui_names image)' -d 'NAMES'

# stui images trust
complete -c stui -n '__stui_at " images trust"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " images trust" 0' -a '(__stui_names image)' -d 'NAME'

# stui images export
complete -c stui -n '__stui_at " images export"' -s f -l file -r -F -d 'The file to write; standard output without it'
complete -c stui -n '__stui_at " images export"' -l force -d 'Overwrite a file that is there'
complete -c stui -n '__stui_at " images export"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " images export"' -a '(__stui_names image)' -d 'NAME'

# stui images import
complete -c stui -n '__stui_at " images import"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " images import" 0' -F -d 'FILE | -'

# stui images discover
complete -c stui -n '__stui_at " images discover"' -l add -d 'Register what is found and not registered yet, by the agent\'s name'
complete -c stui -n '__stui_at " images discover"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " images discover"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " images discover"' -s h -l help -d 'Show this message and exit'

# stui images launch
complete -c stui -n '__stui_at " images launch"' -l dialect -x -a 'gst playground pharo squeak cuis' -d 'Which Smalltalk; else its own, or the first that is installed, or a playground'
complete -c stui -n '__stui_at " images launch"' -l wait -x -d 'How long it may take to come up; else 10s, or 60s with an image of yours'
complete -c stui -n '__stui_at " images launch"' -l vm -r -F -d 'The machine that runs an image of yours, or the name of Pharo Launcher\'s'
complete -c stui -n '__stui_at " images launch"' -l image-file -r -F -a '(__stui_given_names)' -d 'The image of yours that is copied and started, or the name of Pharo Launcher\'s'
complete -c stui -n '__stui_at " images launch"' -l in-place -d 'Start that file itself, not a copy; `images save` writes it'
complete -c stui -n '__stui_at " images launch"' -l headless -l window -d 'Without the window of an image of yours, or with it'
complete -c stui -n '__stui_at " images launch"' -l supervise -d 'Watch it from outside, and start it again when it ends or hangs'
complete -c stui -n '__stui_at " images launch"' -l memory-limit -x -d 'Let it have no more memory, such as 1G'
complete -c stui -n '__stui_at " images launch"' -l port -x -d 'Listen there, not at the port it had. From 1 to 65535'
complete -c stui -n '__stui_at " images launch"' -l restore -d 'Restore its sessions then; it exits with 8 if some cannot be'
complete -c stui -n '__stui_at " images launch"' -l fresh -d 'Start without what was saved, from the beginning'
complete -c stui -n '__stui_at " images launch"' -s h -l help -d 'Show this message and exit'

# stui images save
complete -c stui -n '__stui_at " images save"' -l time-limit -x -d 'How long it may take. From 1ms to 24h'
complete -c stui -n '__stui_at " images save"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " images save" 0' -a '(__stui_names image)' -d 'NAME'

# stui images stop
complete -c stui -n '__stui_at " images stop"' -l no-preserve -d 'Take no checkpoints of its sessions'
complete -c stui -n '__stui_at " images stop"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " images stop"' -a '(__stui_names image)' -d 'NAMES'

# stui images restart
complete -c stui -n '__stui_at " images restart"' -l wait -x -d 'How long each may take to come up; else 10s, or 60s with an image of yours'
complete -c stui -n '__stui_at " images restart"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " images restart"' -a '(__stui_names image)' -d 'NAMES'

# stui images logs
complete -c stui -n '__stui_at " images logs"' -s n -l lines -x -d 'The last so many lines. From 1 to 100000'
complete -c stui -n '__stui_at " images logs"' -s f -l follow -d 'Go on with what is added, until Ctrl-C'
complete -c stui -n '__stui_at " images logs"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " images logs" 0' -a '(__stui_names image)' -d 'NAME'

# stui images agent
complete -c stui -n '__stui_at " images agent"' -l start -x -d 'Make all that an agent of this name needs; print what to run'
complete -c stui -n '__stui_at " images agent"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " images agent" 0' -a 'gst pharo squeak cuis' -d 'DIALECT'

# stui sessions
complete -c stui -n '__stui_at " sessions"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " sessions"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " sessions"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " sessions"' -l state -x -a '(__stui_list active parked lost closed)' -d 'Only those that are active, parked, lost or closed; several with commas, or repeated'
complete -c stui -n '__stui_at " sessions" 0' -a list -d 'List the sessions of all images or of one'
complete -c stui -n '__stui_at " sessions" 0' -a create -d 'Make a session in an image'
complete -c stui -n '__stui_at " sessions" 0' -a show -d 'Show a session\'s variables, checkpoint and history'
complete -c stui -n '__stui_at " sessions" 0' -a set -d 'Change what a session is for'
complete -c stui -n '__stui_at " sessions" 0' -a restore -d 'Make a session live again after its image restarted'
complete -c stui -n '__stui_at " sessions" 0' -a rename -d 'Give a session another name'
complete -c stui -n '__stui_at " sessions" 0' -a close -d 'End a session\'s live state; its record stays'
complete -c stui -n '__stui_at " sessions" 0' -a remove -d 'Remove a session\'s record; an undo brings it back'
complete -c stui -n '__stui_at " sessions" 0' -a history -d 'Show what was evaluated in a session'
complete -c stui -n '__stui_at " sessions" 0' -a stats -d 'Count the sessions of images'
complete -c stui -n '__stui_at " sessions" 0' -a export -d 'Put a session into one file'
complete -c stui -n '__stui_at " sessions" 0' -a import -d 'Make a session of a file'

# stui sessions list
complete -c stui -n '__stui_at " sessions list"' -l state -x -a '(__stui_list active parked lost closed)' -d 'Only those that are active, parked, lost or closed; several with commas, or repeated'
complete -c stui -n '__stui_at " sessions list"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " sessions list"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " sessions list"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " sessions list"' -a '(__stui_names target)' -d 'IMAGE[/SESSION'

# stui sessions create
complete -c stui -n '__stui_at " sessions create"' -l description -x -d 'What it is for'
complete -c stui -n '__stui_at " sessions create"' -l switch -d 'Go there at once'
complete -c stui -n '__stui_at " sessions create"' -l or-attach -d 'Use the session of that name if it is there already'
complete -c stui -n '__stui_at " sessions create"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " sessions create" 0' -a '(__stui_names target)' -d 'NAME | IMAGE/NAME'

# stui sessions show
complete -c stui -n '__stui_at " sessions show"' -l cached -d 'Contact no image: variables as of the last checkpoint'
complete -c stui -n '__stui_at " sessions show"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " sessions show" 0' -a '(__stui_names target)' -d 'IMAGE/SESSION'

# stui sessions set
complete -c stui -n '__stui_at " sessions set"' -l description -x -d 'What it is for; an empty text takes it away'
complete -c stui -n '__stui_at " sessions set"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " sessions set" 0' -a '(__stui_names target)' -d 'IMAGE/SESSION'

# stui sessions restore
complete -c stui -n '__stui_at " sessions restore"' -l replay -d 'Run the recorded sources again, in order, until one fails'
complete -c stui -n '__stui_at " sessions restore"' -l strict -d 'Refuse, with exit 9, if anything is lost'
complete -c stui -n '__stui_at " sessions restore"' -l time-limit -x -d 'For each source of a replay. From 1ms to 24h'
complete -c stui -n '__stui_at " sessions restore"' -s n -l dry-run -d 'Show what would come back and what would not; change nothing'
complete -c stui -n '__stui_at " sessions restore"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " sessions restore"' -a '(__stui_names target)' -d 'IMAGE/SESSION | IMAGE'

# stui sessions rename
complete -c stui -n '__stui_at " sessions rename"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " sessions rename" 0' -a '(__stui_names target)' -d 'IMAGE/SESSION'

# stui sessions close
complete -c stui -n '__stui_at " sessions close"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " sessions close"' -a '(__stui_names target)' -d 'IMAGE/SESSION'

# stui sessions remove
complete -c stui -n '__stui_at " sessions remove"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " sessions remove"' -a '(__stui_names target)' -d 'IMAGE/SESSION'

# stui sessions history
complete -c stui -n '__stui_at " sessions history"' -s n -l last -x -d 'Only the last N'
complete -c stui -n '__stui_at " sessions history"' -l source -d 'The sources alone, as they were given'
complete -c stui -n '__stui_at " sessions history"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " sessions history"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " sessions history"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " sessions history" 0' -a '(__stui_names target)' -d 'IMAGE/SESSION'

# stui sessions stats
complete -c stui -n '__stui_at " sessions stats"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " sessions stats"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " sessions stats"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " sessions stats"' -a '(__stui_names image)' -d 'IMAGE'

# stui sessions export
complete -c stui -n '__stui_at " sessions export"' -s f -l file -r -F -d 'The file to write: .toml or .msgpack. TOML on standard output without it'
complete -c stui -n '__stui_at " sessions export"' -l force -d 'Overwrite a file that is there'
complete -c stui -n '__stui_at " sessions export"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " sessions export" 0' -a '(__stui_names target)' -d 'IMAGE/SESSION'

# stui sessions import
complete -c stui -n '__stui_at " sessions import"' -l as -x -d 'Give it this name'
complete -c stui -n '__stui_at " sessions import"' -l replay -d 'Run its recorded sources, in order, until one fails'
complete -c stui -n '__stui_at " sessions import"' -l strict -d 'Refuse, with exit 9, if anything is lost'
complete -c stui -n '__stui_at " sessions import"' -l time-limit -x -d 'For each source of a replay. From 1ms to 24h'
complete -c stui -n '__stui_at " sessions import"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " sessions import" 0' -F -d 'FILE | -'

# stui switch
complete -c stui -n '__stui_at " switch"' -l default -d 'Change the default context, not this terminal\'s'
complete -c stui -n '__stui_at " switch"' -l unset -d 'Forget the context'
complete -c stui -n '__stui_at " switch"' -l history -d 'Tell where this terminal was before, the latest first'
complete -c stui -n '__stui_at " switch"' -l no-preserve -d 'Take no checkpoint of the session that is left'
complete -c stui -n '__stui_at " switch"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " switch" 0' -a '(__stui_names target)' -d 'IMAGE[/SESSION] | /SESSION | -'

# stui context
complete -c stui -n '__stui_at " context"' -s h -l help -d 'Show this message and exit'

# stui status
complete -c stui -n '__stui_at " status"' -s l -l label -x -a '(__stui_labels)' -d 'Only images with this label'
complete -c stui -n '__stui_at " status"' -l group-by -x -a 'dialect status health (__stui_label_keys)' -d 'Put images together by a label, dialect, status or health'
complete -c stui -n '__stui_at " status"' -l cached -d 'Tell what the last probes said; contact nobody'
complete -c stui -n '__stui_at " status"' -l max-age -x -d 'Probe only what was not probed for so long'
complete -c stui -n '__stui_at " status"' -l watch -x -d 'Go on, a round every S seconds (2s)'
complete -c stui -n '__stui_at " status"' -l lead -d 'With --watch: probe for all monitors of a team\'s store, or stand by to'
complete -c stui -n '__stui_at " status"' -l exit-code -d 'Exit with 8 unless every image is healthy'
complete -c stui -n '__stui_at " status"' -l textfile -r -F -d 'Write -o prometheus to this file, in one step'
complete -c stui -n '__stui_at " status"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " status"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " status"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " status"' -a '(__stui_names image)' -d 'IMAGE'

# stui cleanup
complete -c stui -n '__stui_at " cleanup"' -l all -d 'Every image; the same as naming none'
complete -c stui -n '__stui_at " cleanup"' -s n -l dry-run -d 'Show what would go and what stays, and why; change nothing'
complete -c stui -n '__stui_at " cleanup"' -l older-than -x -d 'Closed sessions idle for longer may go too'
complete -c stui -n '__stui_at " cleanup"' -l grace -x -d 'How long a loss must last to count (24h)'
complete -c stui -n '__stui_at " cleanup"' -l unreachable-for -x -d 'Let images that are only silent count as gone after this'
complete -c stui -n '__stui_at " cleanup"' -l force -d 'With --older-than also live sessions; as admin others\' strays too'
complete -c stui -n '__stui_at " cleanup"' -l preserve-active -l no-preserve-active -d 'Keep live sessions, and strays that are in use; preserving is the default'
complete -c stui -n '__stui_at " cleanup"' -l cached -d 'Go by the last probes; images are still asked for their sessions'
complete -c stui -n '__stui_at " cleanup"' -l plan -r -F -d 'Write what would go to FILE; remove nothing'
complete -c stui -n '__stui_at " cleanup"' -l apply -r -F -d 'Remove what the plan FILE says'
complete -c stui -n '__stui_at " cleanup"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " cleanup"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " cleanup"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " cleanup"' -a '(__stui_names target)' -d 'IMAGE[/SESSION'

# stui eval
complete -c stui -n '__stui_at " eval"' -s f -l file -r -F -d 'Run the file as one piece of source; - is standard input. May be repeated'
complete -c stui -n '__stui_at " eval"' -l all -d 'In every image at once'
complete -c stui -n '__stui_at " eval"' -s l -l label -x -a '(__stui_labels)' -d 'In every image with this label. May be repeated: all of them must fit'
complete -c stui -n '__stui_at " eval"' -l fail-early -l keep-going -d 'Stop at the first failure (usual, but for many images: then one by one)'
complete -c stui -n '__stui_at " eval"' -l no-fold -d 'A line for each image, even where answers are equal'
complete -c stui -n '__stui_at " eval"' -l no-history -d 'Leave this out of the session\'s history'
complete -c stui -n '__stui_at " eval"' -l must-record -d 'Send nothing that cannot be recorded; it exits with 10'
complete -c stui -n '__stui_at " eval"' -l time-limit -x -d 'Stop the code after this time; it exits with 6. From 1ms to 24h'
complete -c stui -n '__stui_at " eval"' -l print-limit -x -d 'Characters of the value at most. From 1 to 1048576'
complete -c stui -n '__stui_at " eval"' -l once -x -d 'Run it at most once under this key; a repeated key answers the first result. Of several pieces each runs once, by its number'
complete -c stui -n '__stui_at " eval"' -s h -l help -d 'Show this message and exit'

# stui inspect
complete -c stui -n '__stui_at " inspect"' -l depth -x -d 'How many levels of slots. From 1 to 8'
complete -c stui -n '__stui_at " inspect"' -l start -x -d 'The first indexed slot to show. From 1 to 1000000000'
complete -c stui -n '__stui_at " inspect"' -l count -x -d 'Indexed slots at most. From 0 to 1000'
complete -c stui -n '__stui_at " inspect"' -l print-limit -x -d 'Characters of each value at most. From 1 to 1048576'
complete -c stui -n '__stui_at " inspect"' -l time-limit -x -d 'How long it may take. From 1ms to 24h'
complete -c stui -n '__stui_at " inspect"' -s h -l help -d 'Show this message and exit'

# stui load
complete -c stui -n '__stui_at " load"' -l all -d 'Into every image at once'
complete -c stui -n '__stui_at " load"' -s l -l label -x -a '(__stui_labels)' -d 'Into every image with this label. May be repeated: all of them must fit'
complete -c stui -n '__stui_at " load"' -l keep-going -d 'Go on after a piece or a file that fails; then it exits with 8'
complete -c stui -n '__stui_at " load"' -l format -x -a 'auto chunks brackets tonel statements' -d 'What the files are written in; auto looks at each'
complete -c stui -n '__stui_at " load"' -l time-limit -x -d 'Stop the load of a file after this time; it exits with 6. From 1ms to 24h'
complete -c stui -n '__stui_at " load"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " load"' -F -d 'FILE... | -'

# stui test
complete -c stui -n '__stui_at " test"' -l all -d 'In every image at once'
complete -c stui -n '__stui_at " test"' -s l -l label -x -a '(__stui_labels)' -d 'In every image with this label. May be repeated: all of them must fit'
complete -c stui -n '__stui_at " test"' -l junit -r -F -d 'Write the results as JUnit XML, too; - is standard output, and people read the rest on standard error'
complete -c stui -n '__stui_at " test"' -l time-limit -x -d 'Stop all of it after this time; it exits with 6. From 1ms to 24h'
complete -c stui -n '__stui_at " test"' -l test-limit -x -d 'Stop one test after this time; it counts as an error, and the others go on. From 1ms to 24h'
complete -c stui -n '__stui_at " test"' -l fail-fast -d 'Stop at the first test that does not pass'
complete -c stui -n '__stui_at " test"' -l rerun-failed -d 'Run those that did not pass last time, in each image its own'
complete -c stui -n '__stui_at " test"' -s h -l help -d 'Show this message and exit'

# stui browse
complete -c stui -n '__stui_at " browse"' -l pattern -x -d 'Only what has such a name: * and ? as in a shell'
complete -c stui -n '__stui_at " browse"' -l against -x -a '(__stui_names image)' -d 'Tell what this other image has not alike'
complete -c stui -n '__stui_at " browse"' -l exit-code -d 'With --against: exit with 8 if there are differences'
complete -c stui -n '__stui_at " browse"' -l time-limit -x -d 'How long the image may look. From 1ms to 24h'
complete -c stui -n '__stui_at " browse"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " browse"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " browse"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " browse" 0' -a 'packages classes methods source comment hierarchy implementors senders' -d 'WHAT'

# stui jobs
complete -c stui -n '__stui_at " jobs"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " jobs"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " jobs"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " jobs"' -a '(__stui_names image)' -d 'IMAGE'

# stui interrupt
complete -c stui -n '__stui_at " interrupt"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " interrupt"' -a '(__stui_names target)' -d 'IMAGE [ID]... | IMAGE/ID'

# stui keys
complete -c stui -n '__stui_at " keys"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " keys"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " keys"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " keys"' -l file -r -F -d 'The agent\'s key file, where stui cannot tell which that is; without -i it is one of this machine'
complete -c stui -n '__stui_at " keys" 0' -a list -d 'List who has a key of an image, and as what'
complete -c stui -n '__stui_at " keys" 0' -a new -d 'Give somebody a key of an image'
complete -c stui -n '__stui_at " keys" 0' -a show -d 'Show one key, and what its holder runs'
complete -c stui -n '__stui_at " keys" 0' -a revoke -d 'Take a key back'
complete -c stui -n '__stui_at " keys" 0' -a rotate -d 'Put fresh bytes in the place of a key'

# stui keys list
complete -c stui -n '__stui_at " keys list"' -l file -r -F -d 'The agent\'s key file, where stui cannot tell which that is; without -i it is one of this machine'
complete -c stui -n '__stui_at " keys list"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " keys list"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " keys list"' -s h -l help -d 'Show this message and exit'

# stui keys new
complete -c stui -n '__stui_at " keys new"' -l role -x -a 'observer developer admin' -d 'What WHO may do'
complete -c stui -n '__stui_at " keys new"' -l to -r -F -d 'Where to put the key for WHO; never over a file. In the store without it'
complete -c stui -n '__stui_at " keys new"' -l file -r -F -d 'The agent\'s key file, where stui cannot tell which that is; without -i it is one of this machine'
complete -c stui -n '__stui_at " keys new"' -s h -l help -d 'Show this message and exit'

# stui keys show
complete -c stui -n '__stui_at " keys show"' -l file -r -F -d 'The agent\'s key file, where stui cannot tell which that is; without -i it is one of this machine'
complete -c stui -n '__stui_at " keys show"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " keys show" 0' -a '(__stui_names key)' -d 'WHO'

# stui keys revoke
complete -c stui -n '__stui_at " keys revoke"' -l force -d 'Also the last key of an admin'
complete -c stui -n '__stui_at " keys revoke"' -l file -r -F -d 'The agent\'s key file, where stui cannot tell which that is; without -i it is one of this machine'
complete -c stui -n '__stui_at " keys revoke"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " keys revoke" 0' -a '(__stui_names key)' -d 'WHO'

# stui keys rotate
complete -c stui -n '__stui_at " keys rotate"' -l to -r -F -d 'Where to put the fresh key for WHO; never over a file'
complete -c stui -n '__stui_at " keys rotate"' -l file -r -F -d 'The agent\'s key file, where stui cannot tell which that is; without -i it is one of this machine'
complete -c stui -n '__stui_at " keys rotate"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " keys rotate" 0' -a '(__stui_names key)' -d 'WHO'

# stui ping
complete -c stui -n '__stui_at " ping"' -s c -l count -x -d 'How often'
complete -c stui -n '__stui_at " ping"' -l interval -x -d 'How long from one to the next'
complete -c stui -n '__stui_at " ping"' -l level -x -a 'tcp rpc image' -d 'How far: its socket (tcp), its agent\'s greeting (rpc), or the image and its own processes'
complete -c stui -n '__stui_at " ping"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " ping"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " ping"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " ping"' -a '(__stui_names image)' -d 'IMAGE'

# stui check
complete -c stui -n '__stui_at " check"' -s w -l warning -x -d 'Latencies that are a WARNING: above 2s, or a range'
complete -c stui -n '__stui_at " check"' -s c -l critical -x -d 'Latencies that are CRITICAL, in the same way'
complete -c stui -n '__stui_at " check"' -s t -x -d 'As --timeout: 10 is ten seconds'
complete -c stui -n '__stui_at " check"' -s l -l label -x -a '(__stui_labels)' -d 'Only images with this label'
complete -c stui -n '__stui_at " check"' -s V -d 'As --version'
complete -c stui -n '__stui_at " check"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " check"' -a '(__stui_names image)' -d 'IMAGE'

# stui log
complete -c stui -n '__stui_at " log"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " log"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " log"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " log"' -s n -l number -x -d 'The newest so many only'
complete -c stui -n '__stui_at " log"' -l all -d 'The moves of context too, which undo passes over'
complete -c stui -n '__stui_at " log" 0' -a list -d 'List the changes of the store, newest first'
complete -c stui -n '__stui_at " log" 0' -a show -d 'Show what one operation changed'

# stui log list
complete -c stui -n '__stui_at " log list"' -s n -l number -x -d 'The newest so many only'
complete -c stui -n '__stui_at " log list"' -l all -d 'The moves of context too, which undo passes over'
complete -c stui -n '__stui_at " log list"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " log list"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " log list"' -s h -l help -d 'Show this message and exit'

# stui log show
complete -c stui -n '__stui_at " log show"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " log show" 0' -k -a '(__stui_lines operations)' -d 'NUMBER'

# stui undo
complete -c stui -n '__stui_at " undo"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " undo" 0' -k -a '(__stui_lines operations)' -d 'NUMBER'

# stui redo
complete -c stui -n '__stui_at " redo"' -s h -l help -d 'Show this message and exit'

# stui rollback
complete -c stui -n '__stui_at " rollback"' -l before -x -d 'Take back all from this time on: 2026-05-01T12:00, or 2h for 2 h ago'
complete -c stui -n '__stui_at " rollback"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " rollback" 0' -k -a '(__stui_lines operations)' -d 'NUMBER'

# stui audit
complete -c stui -n '__stui_at " audit"' -l since -x -d 'From this time on: 2026-05-01T12:00, or 2h for 2 h ago'
complete -c stui -n '__stui_at " audit"' -s n -l number -x -d 'The newest so many only'
complete -c stui -n '__stui_at " audit"' -l verify -d 'Check that no line was changed or removed; exits with 8 if so'
complete -c stui -n '__stui_at " audit"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " audit"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " audit"' -s h -l help -d 'Show this message and exit'

# stui config
complete -c stui -n '__stui_at " config"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " config"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " config"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " config" 0' -a list -d 'List every setting, and what says so'
complete -c stui -n '__stui_at " config" 0' -a get -d 'Print what one setting is here'
complete -c stui -n '__stui_at " config" 0' -a set -d 'Change a setting in config.toml'
complete -c stui -n '__stui_at " config" 0' -a path -d 'Print where config.toml is'
complete -c stui -n '__stui_at " config" 0' -a edit -d 'Edit config.toml, and check it before it counts'

# stui config list
complete -c stui -n '__stui_at " config list"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " config list"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " config list"' -s h -l help -d 'Show this message and exit'

# stui config get
complete -c stui -n '__stui_at " config get"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " config get" 0' -a 'timeout output color pager lock_timeout grace older_than on_change audit_source history_limit audit_limit store dialects.pharo.vm dialects.pharo.image dialects.squeak.vm dialects.squeak.image dialects.cuis.vm dialects.cuis.image' -d 'KEY'

# stui config set
complete -c stui -n '__stui_at " config set"' -l unset -d 'Take the key out of the file; an empty VALUE does so, too'
complete -c stui -n '__stui_at " config set"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " config set" 0' -a 'timeout output color pager lock_timeout grace older_than on_change audit_source history_limit audit_limit store dialects.pharo.vm dialects.pharo.image dialects.squeak.vm dialects.squeak.image dialects.cuis.vm dialects.cuis.image' -d 'KEY'
complete -c stui -n '__stui_at " config set" 1' -a '(__stui_setting_values)' -d 'VALUE'

# stui config path
complete -c stui -n '__stui_at " config path"' -s h -l help -d 'Show this message and exit'

# stui config edit
complete -c stui -n '__stui_at " config edit"' -s h -l help -d 'Show this message and exit'

# stui store
complete -c stui -n '__stui_at " store"' -l sort -x -a '(__stui_columns)' -d 'Sort by these fields, separated by commas; -FIELD turns one round'
complete -c stui -n '__stui_at " store"' -l limit -x -d 'Show the first N only; of what ends with the newest (audit, history) the last N'
complete -c stui -n '__stui_at " store"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " store" 0' -a show -d 'Tell which store this is, and how it is'
complete -c stui -n '__stui_at " store" 0' -a init -d 'Make the tables of a team\'s store'
complete -c stui -n '__stui_at " store" 0' -a copy -d 'Copy the whole store to another place'

# stui store show
complete -c stui -n '__stui_at " store show"' -s h -l help -d 'Show this message and exit'

# stui store init
complete -c stui -n '__stui_at " store init"' -l print -d 'Print the SQL that is still needed, and touch nothing'
complete -c stui -n '__stui_at " store init"' -s h -l help -d 'Show this message and exit'

# stui store copy
complete -c stui -n '__stui_at " store copy"' -s h -l help -d 'Show this message and exit'

# stui doctor
complete -c stui -n '__stui_at " doctor"' -l address -x -d 'Check the agent at ADDRESS, registered or not'
complete -c stui -n '__stui_at " doctor"' -l key-file -r -F -d 'With --address: the file with its keys'
complete -c stui -n '__stui_at " doctor"' -l key-id -x -d 'With --key-file: which key of it (the first)'
complete -c stui -n '__stui_at " doctor"' -l ca-file -r -F -d 'tls://: the CAs to trust, instead of this machine\'s (PEM)'
complete -c stui -n '__stui_at " doctor"' -l fingerprint -x -d 'tls://: trust the certificate with this SHA-256 alone'
complete -c stui -n '__stui_at " doctor"' -l cert -r -F -d 'tls://: our certificate, for a server that asks for one (PEM)'
complete -c stui -n '__stui_at " doctor"' -l cert-key -r -F -d 'The key of --cert, where it is in a file of its own'
complete -c stui -n '__stui_at " doctor"' -l case -x -d 'Only these: REQUEST or REQUEST/CASE'
complete -c stui -n '__stui_at " doctor"' -l repair -d 'Mend the store: restore its newest sound state'
complete -c stui -n '__stui_at " doctor"' -l case-timeout -x -d 'How long one case may take'
complete -c stui -n '__stui_at " doctor"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " doctor" 0' -a '(__stui_names image)' -d 'IMAGE'

# stui help
complete -c stui -n '__stui_at " help"' -l man-path -d 'Print the folder in which man finds these pages'
complete -c stui -n '__stui_at " help"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " help" 0' -a 'images sessions switch context status cleanup eval inspect load test browse jobs interrupt keys ping check log undo redo rollback audit config store doctor help completion playground demo selecting source output exit-codes scripts cron durations project events environment files glossary dialects teams security agent protocol api manual' -d 'COMMAND | TOPIC'

# stui completion
complete -c stui -n '__stui_at " completion"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " completion" 0' -a 'bash zsh fish' -d 'bash|zsh|fish'

# stui playground
complete -c stui -n '__stui_at " playground"' -l name -x -d 'What it is called'
complete -c stui -n '__stui_at " playground"' -l port -x -d 'Listen there, not at the port it had. From 1 to 65535'
complete -c stui -n '__stui_at " playground"' -l fresh -d 'Start without what was saved, from the beginning'
complete -c stui -n '__stui_at " playground"' -s h -l help -d 'Show this message and exit'

# stui demo
complete -c stui -n '__stui_at " demo"' -s h -l help -d 'Show this message and exit'
complete -c stui -n '__stui_at " help" 1 images' -a list -d 'List the registered images'
complete -c stui -n '__stui_at " help" 1 images' -a add -d 'Register an image by its address'
complete -c stui -n '__stui_at " help" 1 images' -a show -d 'Show all that is known of one image'
complete -c stui -n '__stui_at " help" 1 images' -a set -d 'Change an image\'s metadata, key or address'
complete -c stui -n '__stui_at " help" 1 images' -a rename -d 'Give an image another name'
complete -c stui -n '__stui_at " help" 1 images' -a remove -d 'Take an image out of the registry'
complete -c stui -n '__stui_at " help" 1 images' -a connect -d 'Take a parked image up again, and probe it'
complete -c stui -n '__stui_at " help" 1 images' -a disconnect -d 'Park an image: leave it alone on purpose'
complete -c stui -n '__stui_at " help" 1 images' -a trust -d 'Accept another image at a known address'
complete -c stui -n '__stui_at " help" 1 images' -a export -d 'Write the registry as TOML'
complete -c stui -n '__stui_at " help" 1 images' -a import -d 'Register the images that a TOML file lists'
complete -c stui -n '__stui_at " help" 1 images' -a discover -d 'Find agents that run on this machine'
complete -c stui -n '__stui_at " help" 1 images' -a launch -d 'Start an image with an agent and register it'
complete -c stui -n '__stui_at " help" 1 images' -a save -d 'Save a launched image with its sessions'
complete -c stui -n '__stui_at " help" 1 images' -a stop -d 'End an image that was launched here'
complete -c stui -n '__stui_at " help" 1 images' -a restart -d 'Stop an image and launch it again, with its sessions'
complete -c stui -n '__stui_at " help" 1 images' -a logs -d 'Show what a launched image has printed'
complete -c stui -n '__stui_at " help" 1 images' -a agent -d 'Tell where the agent of a dialect is, and how to load it'
complete -c stui -n '__stui_at " help" 1 sessions' -a list -d 'List the sessions of all images or of one'
complete -c stui -n '__stui_at " help" 1 sessions' -a create -d 'Make a session in an image'
complete -c stui -n '__stui_at " help" 1 sessions' -a show -d 'Show a session\'s variables, checkpoint and history'
complete -c stui -n '__stui_at " help" 1 sessions' -a set -d 'Change what a session is for'
complete -c stui -n '__stui_at " help" 1 sessions' -a restore -d 'Make a session live again after its image restarted'
complete -c stui -n '__stui_at " help" 1 sessions' -a rename -d 'Give a session another name'
complete -c stui -n '__stui_at " help" 1 sessions' -a close -d 'End a session\'s live state; its record stays'
complete -c stui -n '__stui_at " help" 1 sessions' -a remove -d 'Remove a session\'s record; an undo brings it back'
complete -c stui -n '__stui_at " help" 1 sessions' -a history -d 'Show what was evaluated in a session'
complete -c stui -n '__stui_at " help" 1 sessions' -a stats -d 'Count the sessions of images'
complete -c stui -n '__stui_at " help" 1 sessions' -a export -d 'Put a session into one file'
complete -c stui -n '__stui_at " help" 1 sessions' -a import -d 'Make a session of a file'
complete -c stui -n '__stui_at " help" 1 keys' -a list -d 'List who has a key of an image, and as what'
complete -c stui -n '__stui_at " help" 1 keys' -a new -d 'Give somebody a key of an image'
complete -c stui -n '__stui_at " help" 1 keys' -a show -d 'Show one key, and what its holder runs'
complete -c stui -n '__stui_at " help" 1 keys' -a revoke -d 'Take a key back'
complete -c stui -n '__stui_at " help" 1 keys' -a rotate -d 'Put fresh bytes in the place of a key'
complete -c stui -n '__stui_at " help" 1 log' -a list -d 'List the changes of the store, newest first'
complete -c stui -n '__stui_at " help" 1 log' -a show -d 'Show what one operation changed'
complete -c stui -n '__stui_at " help" 1 config' -a list -d 'List every setting, and what says so'
complete -c stui -n '__stui_at " help" 1 config' -a get -d 'Print what one setting is here'
complete -c stui -n '__stui_at " help" 1 config' -a set -d 'Change a setting in config.toml'
complete -c stui -n '__stui_at " help" 1 config' -a path -d 'Print where config.toml is'
complete -c stui -n '__stui_at " help" 1 config' -a edit -d 'Edit config.toml, and check it before it counts'
complete -c stui -n '__stui_at " help" 1 store' -a show -d 'Tell which store this is, and how it is'
complete -c stui -n '__stui_at " help" 1 store' -a init -d 'Make the tables of a team\'s store'
complete -c stui -n '__stui_at " help" 1 store' -a copy -d 'Copy the whole store to another place'
