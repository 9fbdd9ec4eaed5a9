//! Commands: what a program that runs in the tree cannot do, and does where nothing confines it.

use std::io::Read as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lazaret_security::{Played, Reply, Site, Stage};
use serde_json::{Value, json};

const CONFINER: &str = env!("CARGO_BIN_EXE_confine");
const PROGRAM: &str = env!("CARGO_BIN_EXE_hostile-program");

/// The sections that every test of commands begins with.
const SECTIONS: &str = r#"
[source.project]
path = "work"
tags = ["repo"]
readers = "public"
hide = [".env*", "outputs/**"]
[tree]
apply = { tolerate = ["repo"] }
[command]
caches = []
wall_ms = 20000
output_bytes = 100000
run = ["hostile-program *", "git *"]
look = { run = ["hostile-program *"], write = false }
"#;

fn stage(command: &[&str]) -> Stage {
    let stage = Stage::of("calls_by_name")
        .confined_by(CONFINER)
        .sections(SECTIONS)
        .rule("[profile.subject]", "use", r#"["command.*"]"#)
        .rule("[profile.subject]", "reads", r#"["repo", "mail"]"#)
        .rule("[limits]", "wall_ms", "60000")
        .secret("PATH", &path())
        .secret("THE_KEY", "the key of the operator")
        .file("work/notes.txt", "old notes\n");
    ordered(stage, "run", command)
}

fn ordered(stage: Stage, group: &str, command: &[&str]) -> Stage {
    stage.order(format!("command.{group} {}", json!({ "argv": command })))
}

/// Where the hostile program is, and the usual ones.
fn path() -> String {
    let place = Path::new(PROGRAM).parent().unwrap();
    format!("{}:/usr/local/bin:/usr/bin:/bin", place.display())
}

fn told(played: &Played) -> Value {
    let answer = played.answer();
    serde_json::from_str(answer.as_str().unwrap_or_default())
        .unwrap_or_else(|_| panic!("no answer of a command: {answer}"))
}

/// What the program said when it was run as a command.
fn said(stage: Stage) -> String {
    let played = stage.play();
    let told = told(&played);
    assert_eq!(told["status"], 0, "{told}");
    told["stdout"]
        .as_str()
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// The twin: what it says where nothing confines it.
fn unconfined(command: &[&str]) -> String {
    let (_, arguments) = command.split_first().unwrap();
    let output = Command::new(PROGRAM)
        .args(arguments)
        .env("THE_KEY", "the key of the operator")
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_command_runs_in_the_tree_and_tells_what_it_said() {
    let played = stage(&["hostile-program", "read", "notes.txt"]).play();
    played.nothing_refused();
    assert_eq!(told(&played)["stdout"], "old notes\n\n");
    assert_eq!(played.effects(), [("command.run", true)]);
    assert_eq!(played.answers_taint("command.run"), [["repo"]]);
    assert_eq!(played.subject_taint(), ["repo"]);
}

#[test]
fn a_command_that_was_not_granted_is_refused() {
    let played = stage(&["hostile-program", "read", "notes.txt"])
        .rule("[profile.subject]", "use", r#"["command.look"]"#)
        .play();
    played.refused_by("not-granted:command.run");
    assert_eq!(played.effects(), []);
}

#[test]
fn a_program_that_no_pattern_names_is_not_started() {
    for command in [
        &["sh", "-c", "true"][..],
        &["/usr/bin/git", "status"],
        &["../hostile-program", "read", "notes.txt"],
        &[],
    ] {
        let played = stage(command).play();
        assert_eq!(played.effects(), [("command.run", false)], "{command:?}");
        let told = told(&played)["error"].to_string();
        assert!(told.contains("no pattern of the group"), "{told}");
    }
    // The twin: a pattern names it.
    let other = || stage(&["echo", "pwned"]);
    assert_eq!(other().play().effects(), [("command.run", false)]);
    let named = other().rule("[command]", "run", r#"["echo *"]"#);
    assert_eq!(said(named), "pwned");
}

#[test]
fn the_operators_files_are_not_there() {
    let stage = || stage(&[]);
    let key = |stage: &Stage| {
        stage
            .directory()
            .join("vault/key.txt")
            .display()
            .to_string()
    };
    let one = stage();
    let key_path = key(&one);
    let command = ["hostile-program", "read", key_path.as_str()];
    assert!(said(ordered(one, "run", &command)).starts_with("refused"));
    // The twin: the directory is one of the caches, which commands may read.
    let twin = stage();
    let key_path = key(&twin);
    let cache = format!("[\"{}\"]", twin.directory().join("vault").display());
    let command = ["hostile-program", "read", key_path.as_str()];
    let twin = ordered(twin.rule("[command]", "caches", &cache), "run", &command);
    assert_eq!(said(twin), "the key of the vault");
    for path in ["/etc/shadow", "/var/lib", "/var/log"] {
        let command = ["hostile-program", "exists", path];
        assert_eq!(said(ordered(stage(), "run", &command)), "false", "{path}");
    }
    assert_eq!(unconfined(&["", "exists", "/etc/shadow"]), "true");
}

#[test]
fn nothing_outside_the_tree_can_be_written() {
    let outside = tempfile::tempdir().unwrap();
    let path = outside.path().join("x").display().to_string();
    let command = ["hostile-program", "write", path.as_str(), "payload"];
    assert!(said(stage(&command)).starts_with("refused"));
    assert!(!outside.path().join("x").exists());
    assert_eq!(unconfined(&command), "done");
    assert!(outside.path().join("x").exists());
}

#[test]
fn nothing_of_the_system_can_be_written() {
    let copy = tempfile::tempdir().unwrap();
    for (index, path) in [
        "/usr/bin/git",
        "/etc/passwd",
        "/proc/sys/kernel/core_pattern",
    ]
    .into_iter()
    .enumerate()
    {
        let command = ["hostile-program", "append", path, "payload"];
        assert!(said(stage(&command)).starts_with("refused"), "{path}");
        // The twin: in a namespace where a file that may be written stands in that place.
        let stands = copy.path().join(index.to_string());
        std::fs::write(&stands, "").unwrap();
        let mount = format!("mount --bind '{}' {path}", stands.display());
        assert_eq!(in_a_namespace(&mount, &command), "done", "{path}");
        assert_eq!(std::fs::read_to_string(stands).unwrap(), "payload");
    }
    let command = ["hostile-program", "append", "/dev/sda", ""];
    assert!(said(stage(&command)).starts_with("refused"));
    let disk = "mount -t tmpfs none /dev && touch /dev/sda";
    assert_eq!(in_a_namespace(disk, &command), "done");
}

/// The twin: what it says where it is root of a namespace of its own, which was prepared.
fn in_a_namespace(prepared: &str, command: &[&str]) -> String {
    let (_, arguments) = command.split_first().unwrap();
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "--"])
        .args([
            "sh",
            "-c",
            &format!("{prepared} && exec \"$@\""),
            "sh",
            PROGRAM,
        ])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn the_operators_own_copy_stays_as_it_is() {
    let command = ["hostile-program", "write", "notes.txt", "payload"];
    let asked = stage(&command)
        .rule("[tree]", "apply", "{ tolerate = [] }")
        .play();
    assert_eq!(asked.effects(), [("command.run", true)]);
    assert_eq!(asked.file("work/notes.txt").unwrap(), "old notes\n");
    // The twin: the policy lets it be applied.
    let applied = stage(&command).play();
    assert_eq!(told(&applied)["stdout"], "done\n");
    assert_eq!(applied.file("work/notes.txt").unwrap(), "payload");
}

#[test]
fn a_group_that_may_not_write_changes_nothing_in_the_tree() {
    let command = ["hostile-program", "write", "notes.txt", "payload"];
    assert!(said(ordered(stage(&[]), "look", &command)).starts_with("refused"));
    assert_eq!(said(stage(&command)), "done");
}

#[test]
fn there_is_no_network() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let connect = ["hostile-program", "connect", address.as_str()];
    assert!(said(stage(&connect)).starts_with("refused"));
    assert_eq!(unconfined(&connect), "connected");
    let receiver = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = receiver.local_addr().unwrap().to_string();
    let send = ["hostile-program", "send", address.as_str()];
    assert!(said(stage(&send)).starts_with("refused"));
    assert_eq!(unconfined(&send), "sent");
}

/// A page of this machine.
fn page() -> Site {
    Site::serve(|asked| Reply::of("text/plain", format!("at {}", asked.target)))
}

/// A subject with a group of commands whose `net` is given, that asks for a page at an address.
fn asking(group: &str, address: SocketAddr) -> Stage {
    let address = address.to_string();
    let command = ["hostile-program", "through", address.as_str()];
    let group = format!("{{ run = [\"hostile-program *\"], {group} }}");
    ordered(stage(&[]).rule("[command]", "out", &group), "out", &command)
}

#[test]
fn a_granted_host_is_reached_through_the_one_way_out_and_no_other_is() {
    let (site, other) = (page(), page());
    let named = |site: &Site| format!("net = [\"127.0.0.1\"], private = [\"{}\"]", site.address());
    assert_eq!(said(asking(&named(&site), site.address())), "at /asked");
    assert_eq!(site.asked().len(), 1);
    let told = said(asking(&named(&site), other.address()));
    assert!(
        told.starts_with("refused: `127.0.0.1` is a loopback address"),
        "{told}"
    );
    assert_eq!(other.asked().len(), 0);
    // The twin: the rule names the other one too.
    assert_eq!(said(asking(&named(&other), other.address())), "at /asked");
    assert_eq!(other.asked().len(), 1);
}

#[test]
fn a_host_that_no_rule_names_is_not_reached_through_the_way_out() {
    let site = page();
    let private = format!("private = [\"{}\"]", site.address());
    let told = said(asking(
        &format!("net = [\"docs.org\"], {private}"),
        site.address(),
    ));
    assert_eq!(told, "refused: `127.0.0.1` is none of the group's hosts");
    assert_eq!(site.asked().len(), 0);
    let twin = asking(&format!("net = [\"127.0.0.1\"], {private}"), site.address());
    assert_eq!(said(twin), "at /asked");
}

#[test]
fn a_command_with_a_way_out_has_no_way_around_it() {
    let site = page();
    let address = site.address().to_string();
    let connect = ["hostile-program", "connect", address.as_str()];
    let net = format!("net = [\"127.0.0.1\"], private = [\"{address}\"]");
    let around = ordered(asking(&net, site.address()), "out", &connect);
    assert!(said(around).starts_with("refused"));
    assert_eq!(unconfined(&connect), "connected");
    // A group without hosts has no way out at all.
    let through = ["hostile-program", "through", address.as_str()];
    assert!(said(stage(&through)).starts_with("refused"));
}

#[test]
fn who_may_not_tell_everybody_runs_no_command_with_a_way_out() {
    let site = page();
    let net = format!("net = [\"127.0.0.1\"], private = [\"{}\"]", site.address());
    let knowing = |group: &str| {
        asking(group, site.address())
            .rule("[source.args]", "readers", r#"["operator"]"#)
            .rule("[profile.subject]", "readers", r#"["operator"]"#)
    };
    let played = knowing(&net).play();
    played.refused_by("readers:command.out");
    assert_eq!(played.effects(), []);
    assert_eq!(site.asked().len(), 0);
    // The twin: the rule says that these hosts are the operator's.
    let twin = knowing(&format!("{net}, recipients = [\"operator\"]"));
    assert_eq!(said(twin), "at /asked");
}

#[test]
fn a_secret_goes_where_it_is_bound_and_is_not_said_by_the_command() {
    let site = page();
    let net = format!("net = [\"127.0.0.1\"], private = [\"{}\"]", site.address());
    let given = |hosts: &str| {
        let variables = ["hostile-program", "variables"];
        let group = format!("{net}, secrets = [\"desk\"]");
        let stage = asking(&group, site.address()).secret("DESK_TOKEN", "0123456789abcdef");
        let stage = ordered(stage, "out", &variables);
        stage.sections(&format!(
            "[secret.desk]\nfrom = \"env:DESK_TOKEN\"\nhosts = [\"{hosts}\"]\n"
        ))
    };
    let told = said(given("127.0.0.1"));
    assert!(told.contains("DESK_TOKEN=[secret]"), "{told}");
    // Bound to another host, the policy that gives it to these is refused.
    let error = given("docs.org")
        .try_play()
        .expect_err("the secret was given");
    let lazaret_runtime::HostError::Policy(problems) = error else {
        panic!("another error: {error}");
    };
    assert!(
        problems.iter().any(|one| one.code == "secret-host"),
        "{problems:?}"
    );
}

#[test]
fn a_bomb_of_processes_ends_at_its_limit() {
    let bomb = ["hostile-program", "fork", "700"];
    let told = said(stage(&bomb).rule("[command]", "processes", "301"));
    let count: usize = told.split(' ').next().unwrap().parse().unwrap();
    assert!(count < 301, "{told}");
    assert_eq!(unconfined(&bomb), "700 processes");
}

#[test]
fn what_a_command_leaves_behind_ends_with_it() {
    let command = ["hostile-program", "outlive", "growing.txt"];
    let stage = stage(&command).rule("[tree]", "apply", "{ tolerate = [] }");
    let files = stage.directory().join("trees");
    let played = stage.play();
    assert_eq!(played.effects(), [("command.run", true)]);
    let file = find(&files, "growing.txt").expect("the file that it grew");
    let size = || std::fs::metadata(&file).unwrap().len();
    let before = size();
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(size(), before, "it still writes");
    // The twin: unconfined it goes on when the program that started it has ended.
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("growing.txt").display().to_string();
    assert_eq!(unconfined(&["", "outlive", &file]), "left one behind");
    let left = process_with(&file).expect("the process that it left behind");
    let killed = Command::new("kill").arg(left).status().unwrap();
    assert!(killed.success());
}

/// The process that was started with this argument.
fn process_with(argument: &str) -> Option<String> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut processes = names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    processes.find(|process| {
        let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0)
            .any(|word| word == argument.as_bytes())
    })
}

fn find(below: &Path, name: &str) -> Option<std::path::PathBuf> {
    let entries = std::fs::read_dir(below).ok()?.flatten();
    entries.into_iter().find_map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return find(&path, name);
        }
        path.ends_with(name).then_some(path)
    })
}

#[test]
fn no_process_of_the_hosts_is_seen_nor_its_environment() {
    let told = said(stage(&["hostile-program", "environments"]));
    assert!(
        !told.contains("LAZARET_DIST") && !told.contains("THE_KEY"),
        "{told}"
    );
    assert!(unconfined(&["", "environments"]).contains("LAZARET_DIST"));
    assert_eq!(said(stage(&["hostile-program", "processes"])), "2");
}

#[test]
fn its_own_environment_holds_nothing_of_the_operators() {
    let told = said(stage(&["hostile-program", "variables"]));
    assert!(!told.contains("the key of the operator"), "{told}");
    assert!(told.contains("HOME=/home/agent"), "{told}");
    assert!(unconfined(&["", "variables"]).contains("the key of the operator"));
}

#[test]
fn a_limit_of_memory_output_and_time_ends_it_by_name() {
    let command = ["hostile-program", "memory", "200"];
    let played = stage(&command)
        .rule("[command]", "memory_mib", "100")
        .play();
    assert_ne!(told(&played)["status"], 0, "{}", told(&played));
    assert_eq!(said(stage(&command)), "took 200");
}

#[test]
fn endless_output_ends_at_its_limit() {
    let flood = stage(&["hostile-program", "flood"]).play();
    assert_eq!(told(&flood)["limit"], "output_bytes");
    assert_eq!(told(&flood)["stdout"].as_str().unwrap().len(), 100_000);
    // One byte past it and not a byte past it, with the end of the line.
    let over = stage(&["hostile-program", "say", "100000"]).play();
    assert_eq!(told(&over)["limit"], "output_bytes");
    assert_eq!(
        said(stage(&["hostile-program", "say", "99999"])).len(),
        99_999
    );
    // The twin: whoever reads it without a limit reads for ever.
    let mut twin = started("flood");
    let mut read = vec![0; 100_000 * 10];
    twin.stdout.take().unwrap().read_exact(&mut read).unwrap();
    assert_eq!(twin.try_wait().unwrap(), None, "it goes on");
    end(twin);
}

#[test]
fn who_sleeps_for_ever_ends_at_its_limit() {
    let limited = |command: &[&str]| stage(command).rule("[command]", "wall_ms", "5000");
    let endless = limited(&["hostile-program", "sleep"]).play();
    assert_eq!(told(&endless)["limit"], "wall_ms");
    assert_eq!(told(&endless)["status"], Value::Null);
    assert_eq!(said(limited(&["hostile-program", "sleep", "10"])), "slept");
    // The twin: nobody ends it.
    let mut twin = started("sleep");
    std::thread::sleep(Duration::from_millis(5_500));
    assert_eq!(twin.try_wait().unwrap(), None, "it goes on");
    end(twin);
}

/// The program where nothing confines it, still running.
fn started(act: &str) -> Child {
    let program = Command::new(PROGRAM)
        .arg(act)
        .stdout(Stdio::piped())
        .spawn();
    program.unwrap()
}

fn end(mut program: Child) {
    program.kill().unwrap();
    program.wait().unwrap();
}

#[test]
fn it_may_mount_nothing() {
    let mount = ["hostile-program", "mount"];
    let told = said(stage(&mount));
    assert!(!told.contains("Some(0)"), "{told}");
    // The twin: as root of a namespace it may.
    assert_eq!(in_a_namespace("true", &mount), "mount ended with Some(0)");
}

#[test]
fn what_the_administrator_forbids_no_policy_lets_run() {
    const FORBIDS: &str = "version = 1\n[forbid]\ncommands = [\"hostile-program write *\"]\n";
    let command = ["hostile-program", "write", "notes.txt", "payload"];
    let played = stage(&command).administered(FORBIDS).play();
    assert_eq!(played.effects(), [("command.run", false)]);
    let told = told(&played)["error"].to_string();
    assert!(told.contains("administrator"), "{told}");
    assert_eq!(played.file("work/notes.txt").unwrap(), "old notes\n");
    // What he does not forbid runs, and a policy that names what he forbids is refused.
    let other = ["hostile-program", "read", "notes.txt"];
    assert_eq!(said(stage(&other).administered(FORBIDS)), "old notes");
    let named = stage(&command)
        .rule("[command]", "run", r#"["hostile-program write *"]"#)
        .administered(FORBIDS)
        .try_play();
    let Err(lazaret_runtime::HostError::Policy(problems)) = named else {
        panic!("the policy was taken");
    };
    assert_eq!(problems[0].code, "forbidden", "{problems:?}");
    // The twin: no administrator.
    assert_eq!(said(stage(&command)), "done");
}

#[test]
fn a_program_in_the_project_is_never_the_one_that_is_meant() {
    let stage = stage(&["hostile-program", "exists", "/"]);
    let work = stage.directory().join("work").display().to_string();
    let fake = stage.directory().join("work/hostile-program");
    std::fs::write(&fake, "#!/bin/sh\necho pwned\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&fake, mode).unwrap();
    // The twin: it is the one that is found where the project is looked in.
    let twin = Command::new("hostile-program").env("PATH", &work).output();
    assert_eq!(String::from_utf8_lossy(&twin.unwrap().stdout), "pwned\n");
    let told = said(stage.secret("PATH", &format!(".:{work}:{}", path())));
    assert_eq!(told, "true");
}

#[test]
fn without_what_confines_it_no_command_runs() {
    let played = Stage::of("calls_by_name")
        .sections(SECTIONS)
        .rule("[profile.subject]", "use", r#"["command.*"]"#)
        .rule("[profile.subject]", "reads", r#"["repo"]"#)
        .file("work/notes.txt", "")
        .order(format!(
            "command.run {}",
            json!({ "argv": ["hostile-program", "x"] })
        ))
        .play();
    let told = told(&played)["error"].to_string();
    assert!(told.contains("cannot confine commands"), "{told}");
}

/// A repository whose settings and hooks start a program.
fn repository(stage: Stage) -> Stage {
    let work = stage.directory().join("work");
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@b.c"])
            .args(arguments)
            .current_dir(&work)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "first"]);
    let settings = "[alias]\n\tpwn = !echo pwned\n[diff]\n\texternal = echo pwned\n\
        [core]\n\tfsmonitor = echo pwned\n\tpager = echo pwned\n\
        [diff \"x\"]\n\ttextconv = echo pwned\n";
    let config = work.join(".git/config");
    let text = std::fs::read_to_string(&config).unwrap() + settings;
    std::fs::write(config, text).unwrap();
    std::fs::write(work.join(".gitattributes"), "* diff=x\n").unwrap();
    std::fs::write(work.join("notes.txt"), "new notes\n").unwrap();
    stage
}

#[test]
fn git_starts_no_program_that_a_repository_names() {
    let diff = ["git", "diff"];
    let stage = repository(stage(&diff));
    let work = stage.directory().join("work");
    // The twin: git with the repository's own settings.
    let twin = Command::new("git")
        .arg("diff")
        .current_dir(&work)
        .output()
        .unwrap();
    assert!(
        String::from_utf8_lossy(&twin.stdout).contains("pwned"),
        "{twin:?}"
    );
    let told = said(stage);
    assert!(
        told.contains("+new notes") && !told.contains("pwned"),
        "{told}"
    );
}

const UPLOAD: &str = "--upload-pack=touch pwned;:";

/// What starts a program or writes where it is told: git says `pwned` or the name of a file, or
/// a file `pwned` is there.
const STARTS: [&[&str]; 13] = [
    &["pwn"],
    &["-c", "alias.x=!echo pwned", "x"],
    &["diff", "--ext-diff"],
    &["log", "--output=pwned"],
    &["cat-file", "--text", "HEAD:notes.txt"],
    &["grep", "-Oecho", "notes"],
    &["grep", "-e", "--", "-Oecho", "-e", "notes"],
    &["fetch", UPLOAD, "."],
    &["fetch", "--submodule-prefix", "--", UPLOAD, "."],
    &["ls-remote", "--u=touch pwned;:", "."],
    &["ls-remote", "--sort", "--", UPLOAD, "."],
    &["clone", "-qu", "touch pwned;:", ".", "d"],
    &["pull", "--", UPLOAD, "."],
];

#[test]
fn git_is_not_asked_what_starts_programs() {
    for asked in STARTS {
        let command = [&["git"][..], asked].concat();
        let played = repository(stage(&command)).play();
        assert_eq!(played.effects(), [("command.run", false)], "{command:?}");
    }
    // The twins: git itself, where nobody looks at what it is asked.
    let work = repository(stage(&[]));
    let work = work.directory().join("work");
    for asked in STARTS {
        let twin = Command::new("git").args(asked).current_dir(&work).output();
        let said = String::from_utf8(twin.unwrap().stdout).unwrap();
        let made = std::fs::remove_file(work.join("pwned")).is_ok();
        let started = made || said.contains("pwned") || said.trim() == "notes.txt";
        assert!(started, "{asked:?}: {said}");
    }
}

#[test]
fn git_does_not_push_into_a_repository_of_the_tree() {
    let push = ["git", "push", "inner", "HEAD:refs/heads/x"];
    let hook = "work/inner/hooks/pre-receive";
    let stage = repository(stage(&push)).file(hook, "#!/bin/sh\ntouch pwned\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(stage.directory().join(hook), mode).unwrap();
    let work = stage.directory().join("work");
    let git = |asked: &[&str]| Command::new("git").args(asked).current_dir(&work).status();
    assert!(git(&["init", "-q", "--bare", "inner"]).unwrap().success());
    // The twin: it starts the hook that it finds there.
    assert!(git(&push[1..]).unwrap().success() && work.join("inner/pwned").exists());
    let told = told(&stage.play())["stderr"].to_string();
    assert!(told.contains("transport 'file' not allowed"), "{told}");
}
