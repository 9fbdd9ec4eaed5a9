//! The compile cache: native code in a private directory, keyed and authenticated.
//!
//! What it holds is executed, so that only files written by this cache are loaded: each
//! carries a MAC under a key that never leaves the directory. A precompiled artifact is
//! never accepted from anywhere else.

use std::fmt;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use hmac::{Hmac, Mac as _};
use lazaret_journal::Content;
use sha2::Sha256;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::HostError;
use crate::run::locked;

const KEY_FILE: &str = "key";

/// How much native code is read at once to check it.
const CHUNK_BYTES: usize = 256 * 1024;

/// Where native code lies, and its MAC.
struct Entry {
    code: PathBuf,
    mac: PathBuf,
}

/// A directory of compiled components.
pub(crate) struct CompileCache {
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
    pub(crate) fn open(directory: &Path) -> Result<Self, HostError> {
        make_private(directory).map_err(|source| HostError::file(directory, source))?;
        let key = load_key(directory).map_err(|source| HostError::file(directory, source))?;
        Ok(Self {
            directory: directory.to_owned(),
            key,
            loaded: Mutex::default(),
        })
    }

    /// Loads a component from the cache, or compiles and stores it.
    pub(crate) fn load(&self, engine: &Engine, content: &Content) -> wasmtime::Result<Component> {
        let entry = self.entry(engine, content);
        if let Some(component) = self.known(engine, &entry) {
            return Ok(component);
        }
        let component = match self.read(engine, &entry) {
            Some(component) => component,
            None => self.compile(engine, &entry, content.bytes())?,
        };
        let loaded = (engine.clone(), entry.code, component.clone());
        self.loaded().push(loaded);
        Ok(component)
    }

    /// Says whether there is native code of a component, whose MAC is checked when it is loaded.
    pub(crate) fn holds(&self, engine: &Engine, content: &Content) -> bool {
        let entry = self.entry(engine, content);
        entry.code.is_file() && entry.mac.is_file()
    }

    /// Removes native code, where there is some.
    pub(crate) fn forget(&self, engine: &Engine, content: &Content) {
        let entry = self.entry(engine, content);
        self.loaded().retain(|(_, of, _)| *of != entry.code);
        // Code without a MAC is never loaded.
        drop(fs::remove_file(entry.mac));
    }

    fn entry(&self, engine: &Engine, content: &Content) -> Entry {
        let name = entry_name(engine, content);
        Entry {
            mac: self.directory.join(format!("{name}.mac")),
            code: self.directory.join(name),
        }
    }

    fn compile(&self, engine: &Engine, entry: &Entry, bytes: &[u8]) -> wasmtime::Result<Component> {
        let component = Component::new(engine, bytes)?;
        let compiled = component.serialize()?;
        // A cache that cannot be written costs time, not correctness.
        drop(self.write(entry, &compiled));
        Ok(component)
    }

    fn known(&self, engine: &Engine, entry: &Entry) -> Option<Component> {
        let loaded = self.loaded();
        let mut same = loaded
            .iter()
            .filter(|(other, of, _)| Engine::same(other, engine) && *of == entry.code);
        same.next().map(|(_, _, component)| component.clone())
    }

    fn loaded(&self) -> MutexGuard<'_, Vec<(Engine, PathBuf, Component)>> {
        locked(&self.loaded)
    }

    fn read(&self, engine: &Engine, entry: &Entry) -> Option<Component> {
        let expected = fs::read(&entry.mac).ok()?;
        let mut mac = self.mac(entry)?;
        let mut file = fs::File::open(&entry.code).ok()?;
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            match file.read(&mut chunk).ok()? {
                0 => break,
                length => mac.update(chunk.get(..length)?),
            }
        }
        mac.verify_slice(&expected).ok()?;
        deserialize(engine, &entry.code)
    }

    /// Two processes that write the same entry write the same; a MAC that is not of the code that
    /// is there makes the next one compile it again.
    fn write(&self, entry: &Entry, compiled: &[u8]) -> std::io::Result<()> {
        let Some(mut mac) = self.mac(entry) else {
            return Ok(());
        };
        mac.update(compiled);
        put(&entry.code, compiled)?;
        put(&entry.mac, &mac.finalize().into_bytes())
    }

    /// The MAC of an entry's name, which is bound to the component and to the engine. The code
    /// comes after it.
    fn mac(&self, entry: &Entry) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(entry.code.file_name()?.as_encoded_bytes());
        mac.update(&[0]);
        Some(mac)
    }
}

/// Writes a file that is there as a whole or not at all. What is mapped already stays as it is.
fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = fs::File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(temporary, path)
}

#[expect(unsafe_code, reason = "wasmtime loads native code")]
fn deserialize(engine: &Engine, code: &Path) -> Option<Component> {
    // SAFETY: the file carries a valid MAC under a key that only this cache has and was therefore
    // written by `write` from `Component::serialize`; `read` checks it just before. It is mapped
    // and must not change: `put` never writes into a file that is there, and nobody but the user
    // can write into the directory, who has the key too.
    // JUSTIFICATION: compiling again costs up to seconds a component at every start, and copying
    // the code milliseconds.
    unsafe { Component::deserialize_file(engine, code).ok() }
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
fn entry_name(engine: &Engine, content: &Content) -> String {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{}-{:016x}", content.digest(), hasher.finish())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engines;

    /// An empty component with a section of its own.
    fn component(section: u8) -> Content {
        Content::new([b"\0asm\x0d\0\x01\0".as_slice(), &[0, 2, 1, section]].concat())
    }

    struct Place {
        directory: tempfile::TempDir,
        engines: Engines,
    }

    impl Place {
        fn new() -> Self {
            Self {
                directory: tempfile::tempdir().unwrap(),
                engines: Engines::new(1).unwrap(),
            }
        }

        fn engine(&self) -> &Engine {
            self.engines.on_demand()
        }

        /// The cache as another process opens it, and where a component's code lies there.
        fn open(&self, content: &Content) -> (CompileCache, Entry) {
            let cache = CompileCache::open(self.directory.path()).unwrap();
            let entry = cache.entry(self.engine(), content);
            (cache, entry)
        }

        fn with(content: &Content) -> Self {
            let place = Self::new();
            let (cache, _) = place.open(content);
            cache.load(place.engine(), content).unwrap();
            place
        }

        fn reads(&self, content: &Content) -> bool {
            let (cache, entry) = self.open(content);
            cache.read(self.engine(), &entry).is_some()
        }
    }

    fn flip(path: &Path, place: usize) {
        let mut bytes = fs::read(path).unwrap();
        *bytes.get_mut(place).expect("a byte of the file") ^= 1;
        fs::write(path, bytes).unwrap();
    }

    #[test]
    fn what_one_process_compiled_the_next_one_loads() {
        let place = Place::with(&component(b'a'));
        assert!(place.reads(&component(b'a')));
        assert!(!place.reads(&component(b'b')));
    }

    #[test]
    fn code_that_was_changed_anywhere_is_compiled_again() {
        let content = component(b'a');
        let place = Place::with(&content);
        let (cache, entry) = place.open(&content);
        let length = fs::read(&entry.code).unwrap().len();
        for changed in (0..length).step_by(997).chain([length - 1]) {
            flip(&entry.code, changed);
            assert!(!place.reads(&content), "byte {changed}");
            flip(&entry.code, changed);
        }
        flip(&entry.mac, 0);
        assert!(!place.reads(&content));
        cache.load(place.engine(), &content).unwrap();
        assert!(place.reads(&content));
    }

    #[test]
    fn code_in_the_place_of_another_component_is_not_loaded() {
        let (content, other) = (component(b'a'), component(b'b'));
        let place = Place::with(&content);
        let (cache, entry) = place.open(&other);
        cache.load(place.engine(), &other).unwrap();
        let (_, own) = place.open(&content);
        fs::copy(&own.code, &entry.code).unwrap();
        fs::copy(&own.mac, &entry.mac).unwrap();
        assert!(place.reads(&content) && !place.reads(&other));
    }

    #[test]
    fn code_under_another_key_or_without_a_mac_is_not_loaded() {
        let content = component(b'a');
        let place = Place::with(&content);
        flip(&place.directory.path().join(KEY_FILE), 0);
        assert!(!place.reads(&content));
        let place = Place::with(&content);
        let (cache, _) = place.open(&content);
        assert!(cache.holds(place.engine(), &content));
        cache.forget(place.engine(), &content);
        assert!(!cache.holds(place.engine(), &content));
        assert!(!place.reads(&content));
    }

    #[test]
    fn the_directory_is_the_users_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let place = Place::with(&component(b'a'));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(place.directory.path()), 0o700);
        assert_eq!(mode(&place.directory.path().join(KEY_FILE)), 0o600);
    }

    /// Else agents would be compiled twice, and never wait.
    #[test]
    fn code_for_the_pool_is_code_for_memory_made_on_demand() {
        let place = Place::new();
        let content = component(b'a');
        let (pooled, on_demand) = (place.engines.for_agents(1), place.engines.on_demand());
        assert!(!Engine::same(pooled, on_demand));
        assert_eq!(
            entry_name(pooled, &content),
            entry_name(on_demand, &content)
        );
        let orchestrators = place.engines.orchestrators();
        assert_ne!(
            entry_name(orchestrators, &content),
            entry_name(on_demand, &content)
        );
    }
}
