//! A root in which nothing is there but what was named.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::unistd::{chdir, pivot_root};

use super::{Shown, Specification};

/// Devices that do nothing to anybody.
pub(super) const DEVICES: [&str; 5] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
];

/// No device file, no program with another owner's rights.
const PLAIN: MsFlags = MsFlags::MS_NOSUID.union(MsFlags::MS_NODEV);

const NOTHING: Option<&str> = None;

/// Makes the new root and moves into it; the old one is gone.
pub(super) fn change(specification: &Specification) -> Result<(), String> {
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(NOTHING, "/", NOTHING, private, NOTHING).map_err(said("private mounts"))?;
    let root = &specification.root;
    mount(
        Some("tmpfs"),
        root,
        Some("tmpfs"),
        PLAIN,
        Some("size=16m,mode=755"),
    )
    .map_err(said("a new root"))?;
    for (at, to) in &specification.links {
        let at = below(root, at);
        make_parent(&at)?;
        symlink(to, &at).map_err(named(&at))?;
    }
    for shown in &specification.shown {
        show(root, shown)?;
    }
    for device in DEVICES {
        bind(Path::new(device), &below(root, Path::new(device)))?;
    }
    let processes = below(root, Path::new("/proc"));
    fs::create_dir_all(&processes).map_err(named(&processes))?;
    let flags = PLAIN | MsFlags::MS_NOEXEC;
    mount(Some("proc"), &processes, Some("proc"), flags, NOTHING)
        .map_err(said("a view of its own processes"))?;
    chdir(root).map_err(said("the new root"))?;
    // The old root comes to lie over the new one, and is taken away from there.
    pivot_root(".", ".").map_err(said("the new root"))?;
    umount2(".", MntFlags::MNT_DETACH).map_err(said("the old root"))?;
    chdir("/").map_err(said("the new root"))
}

fn show(root: &Path, shown: &Shown) -> Result<(), String> {
    let at = below(root, &shown.at);
    bind(&shown.from, &at)?;
    let own = statvfs(&at).map_err(said("a mount's flags"))?.flags();
    let mut flags = PLAIN | MsFlags::MS_BIND | MsFlags::MS_REMOUNT;
    if !shown.write || own.contains(FsFlags::ST_RDONLY) {
        flags |= MsFlags::MS_RDONLY;
    }
    // What the machine's owner has locked stays locked, or the kernel refuses.
    if own.contains(FsFlags::ST_NOEXEC) {
        flags |= MsFlags::MS_NOEXEC;
    }
    if own.contains(FsFlags::ST_NOATIME) {
        flags |= MsFlags::MS_NOATIME;
    }
    if own.contains(FsFlags::ST_NODIRATIME) {
        flags |= MsFlags::MS_NODIRATIME;
    }
    if own.contains(FsFlags::ST_RELATIME) {
        flags |= MsFlags::MS_RELATIME;
    }
    mount(NOTHING, &at, NOTHING, flags, NOTHING).map_err(said("a mount's flags"))
}

fn bind(from: &Path, at: &Path) -> Result<(), String> {
    let metadata = fs::metadata(from).map_err(named(from))?;
    make_parent(at)?;
    if metadata.is_dir() {
        fs::create_dir_all(at).map_err(named(at))?;
    } else if !at.exists() {
        drop(File::create(at).map_err(named(at))?);
    }
    let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount(Some(from), at, NOTHING, flags, NOTHING).map_err(said("a mount"))
}

fn below(root: &Path, at: &Path) -> PathBuf {
    root.join(at.strip_prefix("/").unwrap_or(at))
}

fn make_parent(at: &Path) -> Result<(), String> {
    let parent = at.parent().unwrap_or(at);
    fs::create_dir_all(parent).map_err(named(parent))
}

fn named(path: &Path) -> impl FnOnce(std::io::Error) -> String {
    move |error| format!("`{}`: {error}", path.display())
}

fn said(what: &'static str) -> impl Fn(nix::errno::Errno) -> String {
    move |error| format!("{what}: {error}")
}
