//! The compile cache: native code in a private directory, keyed and authenticated.
//!
//! What it holds is executed, so that only files written by this cache are loaded: each
//! carries a MAC under a key that never leaves the directory. A precompiled artifact is
//! never accepted from anywhere else.

use std::fmt;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::HostError;

const KEY_FILE: &str = "key";
const MAC_BYTES: usize = 32;

/// A directory of compiled components.
pub struct CompileCache {
    directory: PathBuf,
    key: [u8; 32],
    /// What was loaded before, by engine and file: checking native code takes milliseconds.
    loaded: Mutex<Vec<(Engine, PathBuf, Component)>>,
}

impl fmt::Debug for CompileCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompileCache")
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

impl CompileCache {
    /// Opens or makes the cache. Its directory is made private to the user.
    pub fn open(directory: &Path) -> Result<Self, HostError> {
        make_private(directory).map_err(|source| HostError::file(directory, source))?;
        let key = load_key(directory).map_err(|source| HostError::file(directory, source))?;
        Ok(Self {
            directory: directory.to_owned(),
            key,
            loaded: Mutex::default(),
        })
    }

    /// Loads a component from the cache, or compiles and stores it. `digest` is the
    /// component's own, in hexadecimal.
    pub fn load(
        &self,
        engine: &Engine,
        digest: &str,
        bytes: &[u8],
    ) -> Result<Component, HostError> {
        let path = self.directory.join(entry_name(engine, digest));
        if let Some(component) = self.known(engine, &path) {
            return Ok(component);
        }
        let component = match self.read(engine, &path, digest) {
            Some(component) => component,
            None => self.compile(engine, &path, digest, bytes)?,
        };
        let loaded = (engine.clone(), path, component.clone());
        self.loaded().push(loaded);
        Ok(component)
    }

    fn compile(
        &self,
        engine: &Engine,
        path: &Path,
        digest: &str,
        bytes: &[u8],
    ) -> Result<Component, HostError> {
        let component = Component::new(engine, bytes).map_err(HostError::Component)?;
        let compiled = component.serialize().map_err(HostError::Component)?;
        // A cache that cannot be written costs time, not correctness.
        drop(self.write(path, digest, &compiled));
        Ok(component)
    }

    fn known(&self, engine: &Engine, path: &Path) -> Option<Component> {
        let loaded = self.loaded();
        let mut same = loaded
            .iter()
            .filter(|(other, of, _)| Engine::same(other, engine) && of == path);
        same.next().map(|(_, _, component)| component.clone())
    }

    fn loaded(&self) -> MutexGuard<'_, Vec<(Engine, PathBuf, Component)>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, engine: &Engine, path: &Path, digest: &str) -> Option<Component> {
        let file = fs::read(path).ok()?;
        let (mac, compiled) = file.split_at_checked(MAC_BYTES)?;
        self.mac(path, digest, compiled)?.verify_slice(mac).ok()?;
        deserialize(engine, compiled)
    }

    fn write(&self, path: &Path, digest: &str, compiled: &[u8]) -> std::io::Result<()> {
        let Some(mac) = self.mac(path, digest, compiled) else {
            return Ok(());
        };
        let temporary = path.with_extension(format!("{}.new", std::process::id()));
        let mut file = fs::File::create(&temporary)?;
        file.write_all(&mac.finalize().into_bytes())?;
        file.write_all(compiled)?;
        file.sync_all()?;
        fs::rename(temporary, path)
    }

    fn mac(&self, path: &Path, digest: &str, compiled: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(path.file_name()?.as_encoded_bytes());
        mac.update(&[0]);
        mac.update(digest.as_bytes());
        mac.update(&[0]);
        mac.update(compiled);
        Some(mac)
    }
}

#[expect(unsafe_code, reason = "wasmtime loads native code")]
fn deserialize(engine: &Engine, compiled: &[u8]) -> Option<Component> {
    // SAFETY: the bytes carry a valid MAC under a key that only this cache has and were
    // therefore written by `write` from `Component::serialize`; `read` checks it just before.
    // JUSTIFICATION: compiling again costs up to seconds a component at every start.
    unsafe { Component::deserialize(engine, compiled).ok() }
}

/// Returns a component for another engine that compiles alike, which takes its native code as it
/// is; one that does not refuses it.
#[expect(unsafe_code, reason = "wasmtime loads native code")]
pub(crate) fn moved(component: &Component, engine: &Engine) -> wasmtime::Result<Component> {
    let compiled = component.serialize()?;
    // SAFETY: the bytes were written by `Component::serialize` on the line above.
    // JUSTIFICATION: compiling again costs up to seconds, in the middle of a run.
    unsafe { Component::deserialize(engine, compiled) }
}

/// The name binds the component to everything that the compiled code depends on.
fn entry_name(engine: &Engine, digest: &str) -> String {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{digest}-{:016x}", hasher.finish())
}

fn make_private(directory: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::create_dir_all(directory)?;
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700))
}

fn load_key(directory: &Path) -> std::io::Result<[u8; 32]> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let path = directory.join(KEY_FILE);
    let mut key = [0; 32];
    if let Ok(mut file) = fs::File::open(&path)
        && file.read_exact(&mut key).is_ok()
    {
        return Ok(key);
    }
    fs::File::open("/dev/urandom")?.read_exact(&mut key)?;
    let temporary = path.with_extension(std::process::id().to_string());
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)?;
    file.write_all(&key)?;
    file.sync_all()?;
    // Another process may have been first; then its key counts.
    if fs::hard_link(&temporary, &path).is_err() && path.exists() {
        fs::File::open(&path)?.read_exact(&mut key)?;
    }
    fs::remove_file(temporary)?;
    Ok(key)
}
