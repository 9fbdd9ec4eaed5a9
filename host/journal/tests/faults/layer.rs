//! A file layer between SQLite and the system's own: it writes down what is written and synced,
//! and fails where a test says.
//!
//! It passes everything on to the layer below; the shape is that of SQLite's own shims
//! (`ext/misc/vfslog.c` and `ext/misc/appendvfs.c` in its sources).
#![expect(
    unsafe_code,
    clippy::multiple_unsafe_ops_per_block,
    reason = "SQLite's file layers are tables of C functions; there is no safe way to be one"
)]

use std::{
    collections::BTreeMap,
    ffi::{CStr, c_char, c_int, c_void},
    path::{Path, PathBuf},
    ptr,
    sync::{Mutex, MutexGuard, Once, PoisonError},
};

use rusqlite::ffi;

/// What the layer is registered as.
pub(crate) const NAME: &str = "faulty";

/// What was done to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Write { at: u64, bytes: Vec<u8> },
    Truncate { to: u64 },
    Sync,
    Delete,
}

/// Where the layer fails: at the act of that number of its kind, counted from 0, and at all later
/// ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Half of a write is made, then the disk is full.
    TornWrite(u64),
    /// A write fails as a whole.
    Write(u64),
    /// What was written cannot be synced.
    Sync(u64),
    /// A file cannot be cut.
    Truncate(u64),
    /// A read gives fewer bytes than the file has.
    ShortRead(u64),
    /// A read fails.
    Read(u64),
}

/// What goes on in one directory.
#[derive(Default)]
struct Place {
    log: Vec<(PathBuf, Act)>,
    fault: Option<Fault>,
    writes: u64,
    syncs: u64,
    truncates: u64,
    reads: u64,
    failed: u64,
}

static PLACES: Mutex<BTreeMap<PathBuf, Place>> = Mutex::new(BTreeMap::new());

fn places() -> MutexGuard<'static, BTreeMap<PathBuf, Place>> {
    PLACES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn place<T>(file: &Path, act: impl FnOnce(&mut Place) -> T) -> Option<T> {
    let mut places = places();
    let directory = file.parent()?;
    places.get_mut(directory).map(act)
}

/// Watches the files of a directory from here on.
pub(crate) fn watch(directory: &Path) {
    register();
    places().insert(directory.to_owned(), Place::default());
}

/// Fails in a directory from here on, or no more; the counts begin anew.
pub(crate) fn fail(directory: &Path, fault: Option<Fault>) {
    let mut places = places();
    let place = places.get_mut(directory).expect("a watched directory");
    *place = Place {
        fault,
        log: std::mem::take(&mut place.log),
        ..Place::default()
    };
}

/// Returns how often it has failed since it was told to.
pub(crate) fn failed(directory: &Path) -> u64 {
    places().get(directory).map_or(0, |place| place.failed)
}

/// Returns how much was written down so far.
pub(crate) fn logged(directory: &Path) -> usize {
    places().get(directory).map_or(0, |place| place.log.len())
}

/// Returns what was written down.
pub(crate) fn log(directory: &Path) -> Vec<(PathBuf, Act)> {
    places()
        .get(directory)
        .map_or_else(Vec::new, |place| place.log.clone())
}

/// A file of ours: SQLite's part, then what we know, then the file of the layer below.
#[repr(C)]
struct Shim {
    base: ffi::sqlite3_file,
    path: *mut PathBuf,
}

fn below() -> *mut ffi::sqlite3_vfs {
    // SAFETY: null asks for the default layer, which SQLite registers before anything else and
    // never frees. JUSTIFICATION: there is no safe call for it.
    unsafe { ffi::sqlite3_vfs_find(ptr::null()) }
}

fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the layer below is a valid table; the copy is leaked, so that it lives as long
        // as SQLite may use it, and its file size has room for both files.
        // JUSTIFICATION: SQLite takes a raw table.
        unsafe {
            assert_eq!(ffi::sqlite3_initialize(), ffi::SQLITE_OK);
            let mut ours = *below();
            ours.zName = c"faulty".as_ptr();
            ours.pNext = ptr::null_mut();
            ours.szOsFile += c_int::try_from(size_of::<Shim>()).expect("a small size");
            ours.xOpen = Some(open);
            ours.xDelete = Some(delete);
            let ours = Box::leak(Box::new(ours));
            assert_eq!(ffi::sqlite3_vfs_register(ours, 0), ffi::SQLITE_OK);
        }
    });
}

/// The file of the layer below.
unsafe fn real(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: SQLite gave `szOsFile` bytes, of which the layer below's file follows the shim.
    unsafe { file.cast::<Shim>().add(1).cast() }
}

unsafe fn methods(file: *mut ffi::sqlite3_file) -> &'static ffi::sqlite3_io_methods {
    // SAFETY: the file below is open, and its table of methods is static.
    unsafe { &*(*real(file)).pMethods }
}

unsafe fn path_of(file: *mut ffi::sqlite3_file) -> PathBuf {
    // SAFETY: set when the file was opened, freed when it is closed.
    unsafe { (*(*file.cast::<Shim>()).path).clone() }
}

unsafe extern "C" fn open(
    _vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite's arguments are passed on; the file below lies within the given room.
    unsafe {
        let base = below();
        let shim = file.cast::<Shim>();
        (*shim).base.pMethods = ptr::null();
        let opened = ((*base).xOpen.expect("a method"))(base, name, real(file), flags, out);
        if (*real(file)).pMethods.is_null() {
            return opened;
        }
        let path = if name.is_null() {
            PathBuf::new()
        } else {
            PathBuf::from(CStr::from_ptr(name).to_str().unwrap_or_default())
        };
        (*shim).path = Box::into_raw(Box::new(path));
        (*shim).base.pMethods = &raw const METHODS;
        opened
    }
}

unsafe extern "C" fn delete(
    _vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync: c_int,
) -> c_int {
    // SAFETY: SQLite's arguments are passed on; the name is a C string.
    unsafe {
        let path = PathBuf::from(CStr::from_ptr(name).to_str().unwrap_or_default());
        place(&path, |place| place.log.push((path.clone(), Act::Delete)));
        let base = below();
        ((*base).xDelete.expect("a method"))(base, name, sync)
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: the path was boxed when the file was opened, and is given back once.
    unsafe {
        let closed = (methods(file).xClose.expect("a method"))(real(file));
        drop(Box::from_raw((*file.cast::<Shim>()).path));
        closed
    }
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    into: *mut c_void,
    count: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite's arguments are passed on; on a short read the rest is zeroed, as SQLite asks.
    unsafe {
        let fault = place(&path_of(file), |place| {
            let fault = match place.fault {
                Some(Fault::ShortRead(from)) if place.reads >= from => {
                    Some(ffi::SQLITE_IOERR_SHORT_READ)
                }
                Some(Fault::Read(from)) if place.reads >= from => Some(ffi::SQLITE_IOERR_READ),
                _ => None,
            };
            place.reads += 1;
            place.failed += u64::from(fault.is_some());
            fault
        });
        let all = (methods(file).xRead.expect("a method"))(real(file), into, count, at);
        match fault.flatten() {
            Some(fault) => {
                let half = usize::try_from(count).unwrap_or(0) / 2;
                into.cast::<u8>().add(half).write_bytes(0, half);
                fault
            }
            None => all,
        }
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    count: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite's arguments are passed on; the bytes are as long as it says.
    unsafe {
        let path = path_of(file);
        let whole =
            std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(count).unwrap_or(0));
        let fault = place(&path, |place| {
            let fault = match place.fault {
                Some(Fault::TornWrite(from)) if place.writes >= from => {
                    Some((ffi::SQLITE_FULL, whole.len() / 2))
                }
                Some(Fault::Write(from)) if place.writes >= from => {
                    Some((ffi::SQLITE_IOERR_WRITE, 0))
                }
                _ => None,
            };
            place.writes += 1;
            place.failed += u64::from(fault.is_some());
            let made = fault.map_or(whole.len(), |(_, made)| made);
            let bytes = whole.iter().take(made).copied().collect();
            let at = u64::try_from(at).unwrap_or(0);
            place.log.push((path.clone(), Act::Write { at, bytes }));
            fault
        });
        let write = methods(file).xWrite.expect("a method");
        match fault.flatten() {
            Some((fault, made)) => {
                if made > 0 {
                    write(real(file), from, c_int::try_from(made).unwrap_or(0), at);
                }
                fault
            }
            None => write(real(file), from, count, at),
        }
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, to: ffi::sqlite3_int64) -> c_int {
    // SAFETY: SQLite's arguments are passed on.
    unsafe {
        let path = path_of(file);
        let fails = place(&path, |place| {
            let fails =
                matches!(place.fault, Some(Fault::Truncate(from)) if place.truncates >= from);
            place.truncates += 1;
            place.failed += u64::from(fails);
            if !fails {
                let to = u64::try_from(to).unwrap_or(0);
                place.log.push((path.clone(), Act::Truncate { to }));
            }
            fails
        });
        if fails == Some(true) {
            return ffi::SQLITE_IOERR_TRUNCATE;
        }
        (methods(file).xTruncate.expect("a method"))(real(file), to)
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: SQLite's arguments are passed on.
    unsafe {
        let path = path_of(file);
        let fails = place(&path, |place| {
            let fails = matches!(place.fault, Some(Fault::Sync(from)) if place.syncs >= from);
            place.syncs += 1;
            place.failed += u64::from(fails);
            if !fails {
                place.log.push((path.clone(), Act::Sync));
            }
            fails
        });
        if fails == Some(true) {
            return ffi::SQLITE_IOERR_FSYNC;
        }
        (methods(file).xSync.expect("a method"))(real(file), flags)
    }
}

/// Passes a method on to the file below.
macro_rules! pass {
    ($name:ident, $method:ident $(, $argument:ident: $type:ty)*) => {
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file $(, $argument: $type)*) -> c_int {
            // SAFETY: SQLite's arguments are passed on to the same method of the file below.
            unsafe { (methods(file).$method.expect("a method"))(real(file) $(, $argument)*) }
        }
    };
}

pass!(file_size, xFileSize, size: *mut ffi::sqlite3_int64);
pass!(lock, xLock, level: c_int);
pass!(unlock, xUnlock, level: c_int);
pass!(check_reserved, xCheckReservedLock, out: *mut c_int);
pass!(control, xFileControl, what: c_int, argument: *mut c_void);
pass!(sector_size, xSectorSize);
pass!(characteristics, xDeviceCharacteristics);
pass!(shm_map, xShmMap, page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void);
pass!(shm_lock, xShmLock, offset: c_int, count: c_int, flags: c_int);
pass!(shm_unmap, xShmUnmap, delete: c_int);

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: as above.
    unsafe { (methods(file).xShmBarrier.expect("a method"))(real(file)) }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
