//! Is there room for what a first build leaves in the cache?

use std::path::Path;
use std::process::Command;

use crate::machine::Machine;
use crate::{process, ui};

/// What a first run of the tests takes, with a margin: a build directory of some 8 GiB, the
/// guests' of 1.5, the languages' tools of 1.5.
const WANTED_KIB: u64 = 12 * 1024 * 1024;

/// Says so when the cache's disk has less room than a first build takes. No error: a later build
/// needs little, and only the compiler knows how much.
pub(crate) fn note_if_short(machine: &Machine) {
    let Some(free) = free_kib(machine.cache()) else {
        return;
    };
    if let Some(said) = shortage(free) {
        ui::note(&said);
    }
}

fn shortage(free: u64) -> Option<String> {
    (free < WANTED_KIB).then(|| {
        let (free, wanted) = (free / 1024, WANTED_KIB / 1024 / 1024);
        format!(
            "note: the cache's disk has {free} MiB left; a first build takes up to {wanted} GiB"
        )
    })
}

/// Asks `df`, as the standard library has no word for it.
fn free_kib(path: &Path) -> Option<u64> {
    let existing = path.ancestors().find(|path| path.exists())?;
    let table = process::output(Command::new("df").arg("-Pk").arg(existing)).ok()?;
    read(&table)
}

/// Reads the fourth column of the line below the header (POSIX, `df -P`).
fn read(table: &str) -> Option<u64> {
    let row = table.lines().nth(1)?;
    row.split_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_the_fourth_column() {
        let table = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/x 264096724 94000000 27648 100% /\n";
        assert_eq!(read(table), Some(27_648));
        assert_eq!(read("df: no such file"), None);
    }

    #[test]
    fn only_a_disk_that_is_too_small_is_spoken_of() {
        assert_eq!(shortage(WANTED_KIB), None);
        let said = shortage(27_648).unwrap();
        assert!(said.contains("27 MiB"), "{said}");
    }
}
