//! Zig's clang from `PyPI`, behind two wrappers that take what the `cc` crate says.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::Compiler;
use crate::tools::{make_dir_atomically, python};

/// The version that was tried.
pub(super) const VERSION: &str = "0.15.2";

/// Zig has its own name for the target, and takes no `--target=`.
///
/// The wrappers find zig beside themselves, so that the directory can be moved.
const CC: &str = r#"#!/bin/sh
# Drops --target=... and names the target as zig does.
here=$(dirname "$0")
export ZIG_GLOBAL_CACHE_DIR="$here/cache" ZIG_LOCAL_CACHE_DIR="$here/cache"
for word in "$@"; do
  shift
  case $word in --target=*) ;; *) set -- "$@" "$word" ;; esac
done
exec "$here/ziglang/zig" cc -target wasm32-freestanding "$@"
"#;

const AR: &str = r#"#!/bin/sh
here=$(dirname "$0")
export ZIG_GLOBAL_CACHE_DIR="$here/cache" ZIG_LOCAL_CACHE_DIR="$here/cache"
exec "$here/ziglang/zig" ar "$@"
"#;

/// Returns the compiler in `dir`, if it was installed.
pub(super) fn compiler(dir: &Path) -> Option<Compiler> {
    let compiler = Compiler {
        cc: dir.join("cc"),
        ar: dir.join("ar"),
    };
    (compiler.cc.is_file() && compiler.ar.is_file()).then_some(compiler)
}

/// Installs zig and the wrappers into `dir`.
pub(super) fn install(dir: &Path) -> Result<()> {
    make_dir_atomically(dir, |draft| {
        python::install(&format!("ziglang=={VERSION}"), draft)?;
        write_program(&draft.join("cc"), CC)?;
        write_program(&draft.join("ar"), AR)
    })
}

fn write_program(path: &Path, text: &str) -> Result<()> {
    let cannot = || format!("cannot write `{}`", path.display());
    fs::write(path, text).with_context(cannot)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).with_context(cannot)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::process;

    #[test]
    fn the_wrapper_drops_the_target_and_keeps_the_rest_in_order() {
        let dir = std::env::temp_dir().join(format!("xtask-{}-zig", std::process::id()));
        fs::create_dir_all(dir.join("ziglang")).unwrap();
        write_program(
            &dir.join("ziglang/zig"),
            "#!/bin/sh\nprintf '<%s>' \"$@\"\n",
        )
        .unwrap();
        write_program(&dir.join("cc"), CC).unwrap();
        let said = process::output(Command::new(dir.join("cc")).args([
            "-O2",
            "--target=wasm32",
            "a b.c",
            "-DX=\"1\"",
        ]));
        assert_eq!(
            said.unwrap(),
            "<cc><-target><wasm32-freestanding><-O2><a b.c><-DX=\"1\">"
        );
        fs::remove_dir_all(dir).unwrap();
    }
}
