"""`stui_here` for fish: what a command here means, for a prompt, without a process."""

from __future__ import annotations

HERE = r"""
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
"""
