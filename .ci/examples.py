"""Real examples for the manual pages: what a line does, and the line. A test gives each to the parser."""

from __future__ import annotations

EXAMPLES: dict[tuple[str, ...], list[tuple[str, str]]] = {
    (): [
        ("Start an image and register it as alpha.", "stui images launch alpha"),
        ("Make a session in it and go there.", "stui sessions create -i alpha work --switch"),
        ("Run an expression there and print its value.", "stui eval '3 + 4'"),
        ("Probe all images; the JSON is for programs.", "stui status -o json"),
    ],
    ("images",): [
        ("List what is registered.", "stui images"),
        ("Only names, one per line, for a loop.", "stui images -o name"),
    ],
    ("images", "list"): [
        ("A table of two columns.", "stui images list --columns name,address"),
        ("The same for a program.", "stui images list -o json"),
    ],
    ("images", "add"): [
        ("Register an image on this machine; its id is pinned.", "stui images add alpha tcp://127.0.0.1:9042"),
        (
            "One that is not up yet, with a label.",
            "stui images add nightly tcp://127.0.0.1:9043 --offline -l role=build",
        ),
        (
            "One behind stunnel on another machine, with a certificate of your own CA.",
            "stui images add prod tls://build.example:7443 --ca-file ca.pem --key-file prod.keys",
        ),
    ],
    ("images", "show"): [
        ("Everything about alpha.", "stui images show alpha"),
        ("Everything about the current image.", "stui images show"),
    ],
    ("images", "set"): [
        ("Set one label and remove another.", "stui images set alpha role=build team="),
        ("It moved to another port.", "stui images set alpha --address tcp://127.0.0.1:9050"),
        (
            "Trust a certificate's CA from now on, and pin the certificate no more.",
            "stui images set prod --ca-file ca.pem",
        ),
    ],
    ("images", "rename"): [
        ("Its sessions and contexts follow.", "stui images rename alpha builder"),
        ("Tell a script which name it has now.", "stui images rename alpha builder -o name"),
    ],
    ("images", "remove"): [
        ("After a question.", "stui images remove alpha"),
        ("Two of them, in a script.", "stui images remove alpha beta -y"),
    ],
    ("images", "connect"): [
        ("Probe it again.", "stui images connect alpha"),
        ("With more time, for one that is far away.", "stui images connect alpha --timeout 10"),
    ],
    ("images", "disconnect"): [
        ("Leave it alone while it is taken down.", "stui images disconnect alpha"),
        ("The same in a script, in silence; the image runs on.", "stui images disconnect alpha -q"),
    ],
    ("images", "trust"): [
        ("The image at that address was replaced on purpose.", "stui images trust alpha"),
        ("In a script, after somebody has looked at it.", "stui images trust alpha -y"),
    ],
    ("images", "export"): [
        ("The registry in a file for another machine.", "stui images export > images.toml"),
        ("That of another store.", "stui images export --home team > team.toml"),
    ],
    ("images", "import"): [
        ("On that machine.", "stui images import images.toml"),
        ("Tell a script which images came by it.", "stui images import images.toml -o name"),
    ],
    ("images", "discover"): [
        ("What runs here?", "stui images discover"),
        ("Register all of it.", "stui images discover --add"),
    ],
    ("images", "launch"): [
        ("A GNU Smalltalk called alpha.", "stui images launch alpha"),
        ("Allow a slow machine a minute.", "stui images launch --dialect gst --wait 1m alpha"),
        ("With the sessions that it had.", "stui images launch alpha --restore"),
        ("A playground, where no other Smalltalk is needed.", "stui images launch --dialect playground alpha"),
    ],
    ("images", "save"): [
        ("Keep its objects over a restart.", "stui images save alpha"),
        ("How large is the file?", "stui images save alpha -o json"),
    ],
    ("images", "stop"): [
        ("End two images that were launched here.", "stui images stop alpha beta"),
        ("Take no checkpoints before.", "stui images stop alpha --no-preserve"),
    ],
    ("images", "restart"): [
        ("End alpha and start it again; its sessions are restored.", "stui images restart alpha"),
        ("Allow a slow machine a minute.", "stui images restart alpha --wait 1m"),
        ("Which process is it now?", "stui images restart alpha -o json"),
    ],
    ("images", "logs"): [
        ("What alpha printed last.", "stui images logs alpha"),
        ("And what it prints from now on.", "stui images logs alpha -n 20 -f"),
    ],
    ("images", "agent"): [
        ("Where are the sources to load?", "stui images agent gst"),
        ("What to evaluate in a Squeak that you have open?", "stui images agent squeak --start mine"),
    ],
    ("store",): [
        ("Which store is this?", "stui store"),
        ("And that of the team?", "stui store show --home postgresql://db.example/team"),
    ],
    ("store", "show"): [
        ("Where is it, how large, what may I do there?", "stui store show"),
        ("How long does a question to the server take, in ms?", "stui store show -o json"),
    ],
    ("store", "copy"): [
        ("Let the team have what was one's own.", "stui store copy ~/.local/state/stui postgresql:///team"),
        ("Take all of it home again.", "stui store copy postgresql:///team ~/team"),
    ],
    ("store", "init"): [
        (
            "Make the tables; the SQL that it prints lets the three roles use them.",
            "stui store init --home postgresql:///team",
        ),
        ("See first what would be run.", "stui store init --print --home postgresql:///team"),
    ],
    ("config",): [
        ("What is set, and by what?", "stui config"),
        ("The same for a program.", "stui config -o json"),
    ],
    ("config", "list"): [
        ("Only what is set, and where.", "stui config list --columns key,value,where"),
        ("For a program.", "stui config list -o json"),
    ],
    ("config", "get"): [
        ("How long may a command talk to images?", "stui config get timeout"),
        ("Is there a command for changes? It exits with 3 if not.", "stui config get on_change"),
    ],
    ("config", "set"): [
        ("Wait longer for slow images.", "stui config set timeout 5s"),
        ("A command with arguments is one word.", "stui config set on_change 'notify-send stui'"),
        ("What a launch of Pharo starts.", "stui config set dialects.pharo.vm 110-x64"),
        ("Go back to the default.", "stui config set timeout --unset"),
    ],
    ("config", "path"): [
        ("Where are the settings?", "stui config path"),
        ("Those of another store.", "stui config path --home team"),
    ],
    ("config", "edit"): [
        ("Open them in the editor of $EDITOR.", "stui config edit"),
        ("Those of another store.", "stui config edit --home team"),
    ],
    ("sessions",): [
        ("List the sessions of all images.", "stui sessions"),
        ("As image/session, one per line.", "stui sessions -o name"),
    ],
    ("sessions", "list"): [
        ("Only those of alpha.", "stui sessions list alpha"),
        ("What can be made live again.", "stui sessions list --state lost,closed"),
        ("By patterns, which the shell must not see.", "stui sessions list 'al*/w*'"),
        ("As arguments of another command.", "stui sessions list -o name"),
    ],
    ("sessions", "create"): [
        ("In the image alpha, under the name work.", "stui sessions create -i alpha work"),
        (
            "With a description, and go there.",
            "stui sessions create -i alpha parser --description 'The new parser' --switch",
        ),
    ],
    ("sessions", "show"): [
        ("Its variables, as the image has them.", "stui sessions show alpha/work"),
        ("The current one, as it was last recorded.", "stui sessions show --cached"),
    ],
    ("sessions", "set"): [
        ("What the current one is for.", "stui sessions set --description 'the importer, second try'"),
        ("Take the description of another one away.", "stui sessions set alpha/work --description ''"),
        ("Of another session.", "stui sessions set alpha/work --description importer"),
    ],
    ("sessions", "restore"): [
        ("From its last checkpoint.", "stui sessions restore alpha/work"),
        ("All sessions of an image that are not closed.", "stui sessions restore alpha"),
        ("What would come back, and what would not?", "stui sessions restore alpha -n"),
        (
            "And run its sources again, if nothing is lost.",
            "stui sessions restore alpha/work --replay --strict",
        ),
    ],
    ("sessions", "rename"): [
        ("Contexts that mean it follow.", "stui sessions rename alpha/work parser"),
        ("Of the image that -i names.", "stui sessions rename -i alpha work parser"),
    ],
    ("sessions", "close"): [
        ("End its live state; the record stays.", "stui sessions close alpha/work"),
        ("The current one.", "stui sessions close"),
    ],
    ("sessions", "remove"): [
        ("Two records, in a script.", "stui sessions remove alpha/work alpha/parser -y"),
        ("One; an undo brings it back.", "stui sessions remove alpha/work"),
    ],
    ("sessions", "history"): [
        ("The last ten evaluations.", "stui sessions history alpha/work -n 10"),
        ("The first that is kept, with its whole source.", "stui sessions history alpha/work 1"),
        ("As a file that can be run again.", "stui sessions history alpha/work --source"),
    ],
    ("sessions", "stats"): [
        ("How many, and how large?", "stui sessions stats alpha"),
        ("Of all images, for a program.", "stui sessions stats -o json"),
    ],
    ("sessions", "export"): [
        ("Into a file for a colleague.", "stui sessions export alpha/work -f work.toml"),
        ("The current one, on standard output.", "stui sessions export"),
    ],
    ("sessions", "import"): [
        ("Out of that file, into beta.", "stui sessions import -i beta work.toml --as theirs"),
        ("Where it comes from, under another name.", "stui sessions import work.toml --as copy"),
    ],
    ("switch",): [
        ("Go to the image beta.", "stui switch beta"),
        ("Go to the session work in alpha.", "stui switch alpha/work"),
        ("Go back to where you were.", "stui switch -"),
        ("What every new terminal, cron and CI mean.", "stui switch --default alpha"),
        ("Forget this terminal's context.", "stui switch --unset"),
    ],
    ("context",): [
        ("Where am I, and why?", "stui context"),
        ("Just the name, as for a prompt.", "stui context -o name"),
    ],
    ("status",): [
        ("Probe all images.", "stui status"),
        ("Probe two of them.", "stui status alpha beta"),
        ("What the last probes said; nobody is contacted.", "stui status --cached"),
        (
            "The three slowest, a line each.",
            "stui status --sort -latency --limit 3 --template '{name:20} {latency_ms:.1f}'",
        ),
    ],
    ("cleanup",): [
        ("What would go, and why?", "stui cleanup -n"),
        ("In a script: no question, and one line for each session that went.", "stui cleanup -y"),
        ("Count an image as gone after two days only.", "stui cleanup --grace 2d alpha"),
        ("Closed sessions that nobody used for 90 days go too.", "stui cleanup --older-than 90d"),
        ("Let somebody review what would go.", "stui cleanup --plan sweep.json"),
        ("Then remove exactly that; what changed since stays and is told.", "stui cleanup --apply sweep.json -y"),
    ],
    ("eval",): [
        ("In the current image and session.", "stui eval '3 + 4'"),
        ("In another session, for two seconds at most.", "stui eval -i beta -s work --time-limit 2 'x printNl'"),
        ("A file as one piece of source.", "stui eval -f tidy.st"),
        ("Many expressions, one per line, over one connection.", "stui eval -"),
        ("What another program writes, as one piece.", "stui eval -f -"),
        ("Once, however often the job is tried.", "stui eval --once deploy-42 'Site deploy'"),
    ],
    ("inspect",): [
        ("The slots of an object.", "stui inspect 'Smalltalk at: #Transcript'"),
        ("A kept result, from its element 21 on.", "stui inspect @3 --start 21"),
    ],
    ("load",): [
        ("A file into the current image.", "stui load Account.st"),
        ("A folder of Tonel files, in the order that they need.", "stui load src/Bank"),
        ("All that can be loaded of it, in every image of a label.", "stui load -l role=build --keep-going src"),
        ("What a program has written.", "stui load -i alpha -"),
    ],
    ("test",): [
        ("All tests of the current image.", "stui test"),
        ("Two classes of them, and one test.", "stui test 'Account*Test' BankTest 'MoneyTest>>testAdd'"),
        ("In a CI server, in every image of a label.", "stui test -l role=build --junit results.xml"),
        ("What failed, once more.", "stui test --rerun-failed"),
    ],
    ("browse",): [
        ("Which classes are there?", "stui browse classes --pattern '*Stream*'"),
        ("A method, in colours on a terminal.", "stui browse source 'OrderedCollection>>addFirst:'"),
        ("A class as a file that can be loaded.", "stui browse source Account >Account.st"),
        ("Who sends it?", "stui browse senders addFirst:"),
        ("What is another there?", "stui browse source Account -i alpha --against beta"),
    ],
    ("jobs",): [
        ("What runs, in all images?", "stui jobs"),
        ("In alpha, as words that interrupt takes.", "stui jobs alpha -o name"),
    ],
    ("interrupt",): [
        ("Stop one of them.", "stui interrupt alpha 17"),
        ("What runs in a session.", "stui interrupt alpha/work"),
        ("All that you run there.", "stui interrupt alpha -y"),
    ],
    ("keys",): [
        ("Who may do what, in every image of this machine?", "stui keys"),
        ("Those of one image.", "stui keys -i alpha"),
    ],
    ("keys", "list"): [
        ("Of alpha alone.", "stui keys list -i alpha"),
        ("Of an agent that stui does not know.", "stui keys list --file /srv/image/keys"),
    ],
    ("keys", "new"): [
        ("Let bob run code in alpha; it prints what bob runs.", "stui keys new bob --role developer -i alpha"),
        ("A key for a program that only looks.", "stui keys new monitor --role observer --to monitor.key"),
    ],
    ("keys", "show"): [
        ("Which role, and where is the file to hand over?", "stui keys show bob -i alpha"),
        ("For a program.", "stui keys show bob -i alpha -o json"),
    ],
    ("keys", "revoke"): [
        ("Let bob in no longer.", "stui keys revoke bob -i alpha"),
        ("Also where nobody else is an admin.", "stui keys revoke carol --force"),
    ],
    ("keys", "rotate"): [
        ("Exchange the key of one's own; this stui goes on with the fresh one.", "stui keys rotate -i alpha"),
        ("That of bob, who gets a file again.", "stui keys rotate bob -i alpha --to bob.key"),
    ],
    ("ping",): [
        ("The current image.", "stui ping"),
        ("Two images, with five seconds for each.", "stui ping alpha beta --timeout 5"),
    ],
    ("check",): [
        ("Warn above a tenth of a second, cry above a second.", "stui check alpha -w 100ms -c 1s"),
        ("All images with a label.", "stui check -l role=build"),
        ("Cry from 2 to 5 seconds only, and give up after ten.", "stui check alpha -c @2:5 -t 10"),
    ],
    ("doctor",): [
        ("Look at this machine and its store.", "stui doctor"),
        ("Name the images, too, and their files: to mend them.", "stui doctor -v"),
        ("Does the agent of alpha keep the protocol?", "stui doctor alpha"),
    ],
    ("log",): [
        ("The last changes.", "stui log"),
        ("The last five.", "stui log -n 5"),
    ],
    ("log", "list"): [
        ("The last five changes.", "stui log list -n 5"),
        ("What was done to alpha.", "stui log list -i alpha"),
    ],
    ("log", "show"): [
        ("Every record that operation 42 changed.", "stui log show 42"),
        ("For a program.", "stui log show 42 -o json"),
    ],
    ("undo",): [
        ("Take back the last change.", "stui undo"),
        ("Take back one that is not the last.", "stui undo 42"),
    ],
    ("redo",): [
        ("Take back the undo.", "stui redo"),
        ("For a program.", "stui redo -o json"),
    ],
    ("rollback",): [
        ("Take back everything after operation 42.", "stui rollback 42"),
        ("In a script.", "stui rollback 42 -y"),
    ],
    ("audit",): [
        ("Who did what to alpha?", "stui audit -i alpha"),
        ("Is the log whole?", "stui audit --verify"),
    ],
    ("help",): [
        ("The commands and the topics.", "stui help"),
        ("The manual of a command.", "stui help images add"),
        ("The table of exit codes.", "stui help exit-codes"),
        ("Where man finds the pages, for MANPATH.", "stui help --man-path"),
    ],
    ("completion",): [
        ("In ~/.bashrc.", 'eval "$(stui completion bash)"'),
        ("In a folder of zsh's fpath.", "stui completion zsh > ~/.zfunc/_stui"),
        ("For fish; mkdir -p makes the folder.", "stui completion fish > ~/.config/fish/completions/stui.fish"),
    ],
    ("playground",): [
        ("A small Smalltalk to try things in, until Ctrl-C.", "stui playground"),
        ("One more, at a port of your choice.", "stui playground --name second --port 9042"),
    ],
    ("demo",): [
        ("Everything in a minute; nothing is left behind.", "stui demo"),
        ("Without colours.", "stui demo --color never"),
    ],
}

# Files of other programs that run stui: what they do, and their lines. They stand in the manual pages as they are.
RECIPES: dict[tuple[str, ...], list[tuple[str, str]]] = {
    ("cleanup",): [
        (
            "Every night from cron (crontab -e), where pipx or pip has put stui below the home. Cron mails what is "
            "printed, so there is no mail unless something went or failed. An image that is down is neither.",
            "17 3 * * * $HOME/.local/bin/stui cleanup -yq --older-than 90d --timeout 30",
        ),
        (
            "The same by systemd, as a user: ~/.config/systemd/user/stui-cleanup.service. Exit status 8 is no failure "
            "of the unit: some image did not do its part, and the next run meets it again.",
            "[Unit]\n"
            "Description=Sweep Smalltalk sessions that are left behind\n"
            "[Service]\n"
            "Type=oneshot\n"
            "ExecStart=%h/.local/bin/stui cleanup -yq --older-than 90d --timeout 30\n"
            "SuccessExitStatus=8",
        ),
        (
            "Its timer, stui-cleanup.timer beside it; systemctl --user enable --now stui-cleanup.timer starts it.",
            "[Unit]\n"
            "Description=Sweep Smalltalk sessions every night\n"
            "[Timer]\n"
            "OnCalendar=*-*-* 03:17:00\n"
            "RandomizedDelaySec=10min\n"
            "Persistent=true\n"
            "[Install]\n"
            "WantedBy=timers.target",
        ),
    ],
}
