//! A directory that the policy mounts: opened once, every path resolved below it.
//!
//! `cap-std` resolves, so that neither `..` nor a symbolic link leads out, whatever changes
//! meanwhile. What is hidden is judged twice: by the path as it was written, and by where
//! the opened file really is, so that a link to a hidden file shows nothing either.

use std::os::fd::{AsFd, AsRawFd as _};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use cap_std::fs::{Dir, File, Metadata, OpenOptions, OpenOptionsExt as _};
use lazaret_policy::compiled::Mount;

use crate::error::HostError;
use crate::run::locked;

pub(crate) use self::hidden::Hidden;

mod hidden;

/// The most bytes of a path.
const MAX_PATH: usize = 4_096;

/// An opened directory.
#[derive(Debug)]
pub(crate) struct Place {
    directory: Dir,
    hidden: Hidden,
    /// Held while a file is read, changed and written back.
    turn: Mutex<()>,
}

/// A path of a guest: plain, relative, and not hidden as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inside(PathBuf);

impl Place {
    /// Opens a mount below the working directory.
    pub(crate) fn open(mount: &Mount, directory: &Path) -> Result<Self, HostError> {
        let path = directory.join(&mount.path);
        if mount.create {
            std::fs::create_dir_all(&path).map_err(|source| HostError::file(&path, source))?;
        }
        Self::at(&path, mount)
    }

    /// Opens a directory that has in it what a mount has.
    pub(crate) fn at(path: &Path, mount: &Mount) -> Result<Self, HostError> {
        let opened = Dir::open_ambient_dir(path, cap_std::ambient_authority());
        Ok(Self {
            directory: opened.map_err(|source| HostError::file(path, source))?,
            hidden: Hidden::new(&mount.hide),
            turn: Mutex::default(),
        })
    }

    /// Checks a path's spelling. The empty one is the directory itself.
    pub(crate) fn inside(&self, path: &str) -> Result<Inside, String> {
        let relative = Path::new(path);
        let plain = relative
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if !plain || path.len() > MAX_PATH || path.contains('\0') {
            return Err("the path is not a plain relative path".to_owned());
        }
        if self.hidden.covers(relative) {
            return Err(missing(path));
        }
        Ok(Inside(relative.to_owned()))
    }

    /// Opens an ordinary file to read it.
    pub(crate) fn file(&self, at: &Inside) -> Result<File, String> {
        let path = at.path();
        let ordinary = |metadata: &Metadata| {
            let ordinary = metadata.is_file();
            ordinary
                .then_some(())
                .ok_or_else(|| format!("`{at}` is no ordinary file"))
        };
        // Before it is opened, because to open a device may do something, and after, because
        // it is this one that is read. Without waiting, because a pipe may wait for ever.
        let before = self.directory.metadata(path);
        ordinary(&before.map_err(|error| refused(at, &error))?)?;
        let mut options = OpenOptions::new();
        let waiting = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        options.read(true).custom_flags(waiting);
        let file = self
            .directory
            .open_with(path, &options)
            .map_err(|error| refused(at, &error))?;
        ordinary(&file.metadata().map_err(|error| refused(at, &error))?)?;
        self.shown(&file).ok_or_else(|| missing(&at.to_string()))?;
        Ok(file)
    }

    /// Opens a directory.
    pub(crate) fn below(&self, at: &Inside) -> Result<Dir, String> {
        if at.is_root() {
            let own = self.directory.try_clone();
            return own.map_err(|error| refused(at, &error));
        }
        let opened = self.directory.open_dir(at.path());
        let opened = opened.map_err(|error| refused(at, &error))?;
        self.shown(&opened)
            .ok_or_else(|| missing(&at.to_string()))?;
        Ok(opened)
    }

    /// Opens the directory that a path lies in, and gives the path's last name. Missing
    /// directories are made where `make` says so.
    pub(crate) fn parent(&self, at: &Inside, make: bool) -> Result<(Dir, PathBuf), String> {
        let none = || "the path names the directory itself".to_owned();
        let name = at.path().file_name().ok_or_else(none)?;
        let parent = Inside(at.path().parent().map(Path::to_owned).unwrap_or_default());
        if make && !parent.is_root() {
            let made = self.directory.create_dir_all(parent.path());
            made.map_err(|error| refused(at, &error))?;
        }
        let directory = self.below(&parent)?;
        let real = self.shown(&directory).unwrap_or_default().join(name);
        if self.hidden.covers(&real) {
            return Err(missing(&at.to_string()));
        }
        Ok((directory, PathBuf::from(name)))
    }

    /// Returns what is at a path itself, links not followed; `None` where there is nothing.
    pub(crate) fn metadata(&self, at: &Inside) -> Option<Metadata> {
        if at.is_root() {
            return self.directory.dir_metadata().ok();
        }
        let (directory, name) = self.parent(at, false).ok()?;
        directory.symlink_metadata(name).ok()
    }

    /// Returns whether a path that was found is hidden.
    pub(crate) fn hides(&self, at: &Inside) -> bool {
        self.hidden.covers(at.path())
    }

    /// Waits until no other change goes on. Nothing in a place is broken by a panic.
    pub(crate) fn turn(&self) -> MutexGuard<'_, ()> {
        locked(&self.turn)
    }

    /// Returns where an opened file or directory really is, from this directory; `None`
    /// where it is hidden, or was moved away meanwhile.
    fn shown(&self, opened: &impl AsFd) -> Option<PathBuf> {
        let root = real_path(&self.directory)?;
        let real = real_path(opened)?;
        let real = real.strip_prefix(root).ok()?;
        (!self.hidden.covers(real)).then(|| real.to_owned())
    }
}

impl Inside {
    /// Returns the path from the mount.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the path of something found below this one.
    pub(crate) fn join(&self, found: &Path) -> Self {
        Self(self.0.join(found))
    }

    /// Returns whether it is the mount itself.
    pub(crate) fn is_root(&self) -> bool {
        self.0.as_os_str().is_empty()
    }
}

impl std::fmt::Display for Inside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_root() {
            return f.write_str(".");
        }
        self.0.display().fmt(f)
    }
}

fn real_path(opened: &impl AsFd) -> Option<PathBuf> {
    let number = opened.as_fd().as_raw_fd();
    std::fs::read_link(format!("/proc/self/fd/{number}")).ok()
}

/// What is said of something hidden is what is said of something missing.
fn missing(path: &str) -> String {
    format!("`{path}`: {}", std::io::ErrorKind::NotFound)
}

/// Says why the system refused, in its words for the kind.
pub(crate) fn refused(at: &Inside, error: &std::io::Error) -> String {
    format!("`{at}`: {}", error.kind())
}
