"""`stui_here` for fish: what a command here means, for a prompt, without a process."""

from __future__ import annotations

HERE = r"""
# Set STUI_HERE to what a command here means, IMAGE or IMAGE/SESSION, for a prompt: no process is started, unless it is
# not certain from the store's plain files (a .stui.toml decides, there is no /proc, a change is being made): then
# stui is asked. A session that STUI_SESSION names is shown whether it exists or not.
function stui_here
    set -g STUI_HERE
    set -l folder (__stui_folder $STUI_HOME)
    set -l target
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
        and set target (__stui_context $folder)
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
    set -l state $HOME/.local/state/stui
    string match -q '/*' -- $XDG_STATE_HOME; and set state $XDG_STATE_HOME/stui
    set -l folder $argv[1]
    test -n "$folder"; or set folder $state
    if string match -q 'postgres*://*' -- $folder
        set -l rest (string replace -r '^[^:]*://(.*@)?' '' -- $folder | string replace -ra '[^a-zA-Z0-9]' _)
        set -l own $state/teams/(string sub -l 100 -- $rest)
        test -d $own; and set folder $own
    end
    echo $folder
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
        if set -l store (__stui_is_team)
            test "$scope" = team -a "$team" = "$store"
            return
        else if string match -q 'postgres*://*' -- $STUI_HOME
            test "$scope" = team
            return
        end
    end <$argv[1]/names/contexts
    test -r $argv[1]/state.toml; or return
    read -l head <$argv[1]/names/contexts
    read -l -z -n 500 text <$argv[1]/state.toml
    string match -q -- "*"\n(string replace \t ' = ' -- $head)\n"*" $text
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
    test -r $argv[1]/names/contexts; or return
    set -l key (__stui_terminal); or return
    set -l default
    while read -l line
        set -l pair (string split -m 1 \t -- $line)
        if test "$pair[1]" = default
            set default $pair[2]
        else if test -n "$key"; and string match -q -- "$key:*" $pair[1]
            echo $pair[2]
            return 0
        end
    end <$argv[1]/names/contexts
    set -l dir .
    while not test -e $dir/.stui.toml
        if test (path resolve $dir) = /
            if test -z "$default" -a -r $argv[1]/names/images
                begin
                    read -l first
                    read -l other
                    test -n "$other"; or set default $first
                end <$argv[1]/names/images
            end
            echo $default
            return 0
        end
        set dir $dir/..
    end
    return 1
end

# How the scope of this terminal begins, nothing without a terminal; 1 where it cannot be seen.
function __stui_terminal
    test -r /proc/self/stat; or return
    read -l -z line </proc/self/stat
    # Behind the program's name, which may hold anything: state, parent, group, leader of the session, terminal.
    set -l fields (string match -r -g '(?s)^(\d+) .*\) \S+ \S+ \S+ (\d+) (\S+)' -- $line)
    test "$fields[1]" = $fish_pid; or return
    test $fields[3] = 0; and return 0
    test -r /proc/$fields[2]/stat; or return
    read -l -z line </proc/$fields[2]/stat
    if not set -q __stui_boot
        test -r /proc/sys/kernel/random/boot_id; or return
        read -l boot </proc/sys/kernel/random/boot_id
        set -g __stui_boot (string sub -l 8 -- $boot)
    end
    echo terminal:$fields[2]:(string match -r -g '(?s).*\)(?: \S+){19} (\d+)' -- $line):$__stui_boot
end
"""
