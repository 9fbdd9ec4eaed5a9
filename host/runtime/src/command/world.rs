//! What a command is given: programs, caches, a home of its own, and the run tree.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

use lazaret_policy::command::{CommandGroup, Commands, hardened};

use crate::confine::{PORT, SOCKET, Shown, Specification};
use crate::tree::{Tree, git, private_directory};

/// Where the system keeps programs and what they need. Nothing of the operator's is there.
const SYSTEM: [&str; 26] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/fonts",
    "/etc/group",
    "/etc/hosts",
    "/etc/java",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/pki",
    "/etc/python3",
    "/etc/services",
    "/etc/ssl",
];

/// Where programs are looked for besides the operator's own places.
const USUAL_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Where a command finds its build directory.
const BUILD: &str = "/build";

/// The largest file that a command may make: a gibibyte.
const FILE_BYTES: u64 = 1 << 30;

/// The variables by which programs find their way out.
const PROXIES: [&str; 5] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
];

/// The operator's machine, as far as commands may see it.
#[derive(Clone, Debug)]
pub(crate) struct World {
    /// Where programs are looked for, as the operator's shell does.
    pub(crate) path: Option<String>,
    pub(crate) home: Option<PathBuf>,
    /// Where the toolchains' own variables lead, where they are set.
    pub(crate) toolchains: Vec<(String, String)>,
}

/// One command, on its way.
#[derive(Debug)]
pub(crate) struct Errand<'a> {
    pub(crate) command: &'a [String],
    /// Where it starts, from the tree's top.
    pub(crate) directory: &'a Path,
    pub(crate) group: &'a CommandGroup,
    pub(crate) commands: &'a Commands,
    pub(crate) tree: &'a Tree,
    /// Names the label under which it runs: what it builds is kept apart from other labels'.
    pub(crate) apart: &'a str,
    /// The secrets that its group is given, by variable.
    pub(crate) secrets: Vec<(String, String)>,
    /// The socket of its way out, where it has one.
    pub(crate) way_out: Option<&'a Path>,
}

impl World {
    /// Says what a command is given. Everything that it can write to belongs to its label.
    pub(crate) fn specify(&self, errand: &Errand<'_>) -> Result<Specification, String> {
        let (tree, commands) = (errand.tree, errand.commands);
        let home = self
            .home
            .clone()
            .unwrap_or_else(|| PathBuf::from("/home/agent"));
        let guarded = Guarded {
            home: &home,
            project: tree.project(),
            base: tree.base(),
        };
        let (mut shown, links) = system();
        shown.extend(own(errand, &home)?);
        shown.extend(caches(commands, &guarded)?);
        let program = self.find(errand.command, &guarded)?;
        let (path, places) = self.programs(commands, &guarded)?;
        shown.extend(places);
        shown.extend(project(errand));
        let mut variables = self.variables(&home, path, errand);
        if errand.command.first().is_some_and(|name| name == "git") {
            variables.extend(repository(tree, &mut shown)?);
        }
        variables.extend(errand.secrets.iter().cloned());
        if let Some(socket) = errand.way_out {
            shown.push(seen(socket.to_owned(), PathBuf::from(SOCKET), true));
            variables.extend(proxies());
        }
        // Outer directories before inner ones.
        shown.sort_by_key(|one| one.at.components().count());
        shown.dedup_by(|one, other| one.at == other.at);
        let root = tree.base().join("root");
        private_directory(&root)?;
        Ok(Specification {
            program: Some(program),
            arguments: hardened(errand.command).into_iter().skip(1).collect(),
            variables,
            directory: tree.project().join(errand.directory),
            root,
            shown,
            links,
            relay: errand.way_out.map(|_| PathBuf::from(SOCKET)),
            processes: commands.limits.processes,
            memory_bytes: commands.limits.memory_mib.saturating_mul(1 << 20),
            file_bytes: FILE_BYTES,
        })
    }

    /// Says where the programs are that commands may call: the directories to look in, and
    /// what has to be shown for it.
    fn programs(
        &self,
        commands: &Commands,
        guarded: &Guarded<'_>,
    ) -> Result<(Vec<PathBuf>, Vec<Shown>), String> {
        let (mut path, mut shown) = (Vec::new(), Vec::new());
        for name in commands.programs() {
            // One that is not installed is missed when it is called.
            let Ok(found) = self.find(&[name.to_owned()], guarded) else {
                continue;
            };
            let real = found.canonicalize().unwrap_or_else(|_| found.clone());
            for place in [&found, &real].into_iter().filter_map(|one| one.parent()) {
                if !SYSTEM.iter().any(|known| place.starts_with(known)) {
                    guarded.check(place)?;
                    shown.push(seen(place.to_owned(), place.to_owned(), false));
                }
            }
            path.extend(found.parent().map(Path::to_owned));
        }
        Ok((path, shown))
    }

    /// Finds a program where the operator's shell would, but never where the run can write.
    fn find(&self, command: &[String], guarded: &Guarded<'_>) -> Result<PathBuf, String> {
        let name = command.first().ok_or("the command is empty")?;
        let path = self.path.as_deref().unwrap_or(USUAL_PATH);
        let places = path.split(':').chain(USUAL_PATH.split(':')).map(Path::new);
        let places = places.filter(|place| {
            let plain = place.components().all(|part| part != Component::ParentDir);
            let own = place.starts_with(guarded.project) || place.starts_with(guarded.base);
            place.is_absolute() && plain && !own
        });
        let is_program = |path: &PathBuf| {
            fs::metadata(path)
                .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
        };
        let found = places.map(|place| place.join(name)).find(is_program);
        found.ok_or_else(|| format!("there is no program `{name}` in the host's `PATH`"))
    }

    fn variables(
        &self,
        home: &Path,
        mut path: Vec<PathBuf>,
        errand: &Errand<'_>,
    ) -> Vec<(String, String)> {
        path.extend(USUAL_PATH.split(':').map(PathBuf::from));
        let mut places: Vec<String> = Vec::new();
        for place in path {
            let place = place.display().to_string();
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let (path, home) = (places.join(":"), home.display().to_string());
        let mut all: Vec<(String, String)> = [
            ("PATH", path.as_str()),
            ("HOME", home.as_str()),
            ("TMPDIR", "/tmp"),
            ("LANG", "C.UTF-8"),
            ("TERM", "dumb"),
            ("NO_COLOR", "1"),
            ("PAGER", "cat"),
            ("CARGO_TARGET_DIR", BUILD),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        if errand.group.net.is_empty() {
            all.push(("CARGO_NET_OFFLINE".to_owned(), "true".to_owned()));
        }
        all.extend(self.toolchains.iter().cloned());
        all
    }
}

/// What a command may not be shown as a whole.
struct Guarded<'a> {
    home: &'a Path,
    project: &'a Path,
    base: &'a Path,
}

impl Guarded<'_> {
    /// Refuses a place that holds the operator's home, project or run.
    fn check(&self, place: &Path) -> Result<(), String> {
        let real = place.canonicalize().unwrap_or_else(|_| place.to_owned());
        let holds = |one: &&Path| one.starts_with(place) || one.starts_with(&real);
        let all = [self.home, self.project, self.base];
        match all.into_iter().find(holds) {
            Some(one) => Err(format!(
                "`{}` would be shown to commands, and `{}` with it",
                place.display(),
                one.display()
            )),
            None => Ok(()),
        }
    }
}

/// The directories of the command's label, to write to.
fn own(errand: &Errand<'_>, home: &Path) -> Result<Vec<Shown>, String> {
    let places = [
        ("home", home),
        ("tmp", Path::new("/tmp")),
        ("build", Path::new(BUILD)),
    ];
    let made = places.into_iter().map(|(name, at)| {
        let path = errand.tree.base().join(name).join(errand.apart);
        private_directory(&path)?;
        Ok(seen(path, at.to_owned(), true))
    });
    made.collect()
}

/// What toolchains have fetched and built before, as far as it is there.
fn caches(commands: &Commands, guarded: &Guarded<'_>) -> Result<Vec<Shown>, String> {
    let mut shown = Vec::new();
    for cache in &commands.caches {
        let cache = expand(cache, guarded.home);
        guarded.check(&cache)?;
        if cache.exists() {
            shown.push(seen(cache.clone(), cache, false));
        }
    }
    Ok(shown)
}

/// The tree's files where the operator's are, and the directories that are not copied.
fn project(errand: &Errand<'_>) -> Vec<Shown> {
    let (tree, project) = (errand.tree, errand.tree.project());
    let mut shown = vec![seen(tree.files(), project.to_owned(), errand.group.write)];
    for share in tree.shared() {
        let share = project.join(share);
        if share.is_dir() {
            shown.push(seen(share.clone(), share, false));
        }
    }
    shown
}

/// The one way out, in the words of those who look for it.
fn proxies() -> [(String, String); 5] {
    let address = format!("http://127.0.0.1:{PORT}");
    PROXIES.map(|name| (name.to_owned(), address.clone()))
}

/// What git needs to find the run's own repository, which it may read.
fn repository(tree: &Tree, shown: &mut Vec<Shown>) -> Result<Vec<(String, String)>, String> {
    let repository = tree.repository();
    let (own, index) = repository.ok_or("the project is no git repository")?;
    let objects = git::objects(tree.project())?;
    for path in [&own, &index, &objects] {
        if path.exists() {
            shown.push(seen(path.clone(), path.clone(), false));
        }
    }
    let mut variables = git::variables();
    variables.extend(git::around(&own, &index, tree.project()));
    Ok(variables)
}

/// The system's directories, and those that are links to others.
fn system() -> (Vec<Shown>, Vec<(PathBuf, PathBuf)>) {
    let (mut shown, mut links) = (Vec::new(), Vec::new());
    for path in SYSTEM.map(PathBuf::from) {
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() && path.components().count() == 2 => {
                links.extend(fs::read_link(&path).ok().map(|target| (path, target)));
            }
            Ok(_) if path.exists() => shown.push(seen(path.clone(), path, false)),
            _ => {}
        }
    }
    (shown, links)
}

fn seen(from: PathBuf, at: PathBuf, write: bool) -> Shown {
    Shown { from, at, write }
}

fn expand(path: &str, home: &Path) -> PathBuf {
    match path.strip_prefix("~/") {
        Some(rest) => home.join(rest),
        None => PathBuf::from(path),
    }
}
