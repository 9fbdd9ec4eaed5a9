//! Takes the text out of a PDF, in a process that has nothing but the PDF: what reads a
//! stranger's file may be led anywhere by it.

use std::fs::File;
use std::io::{Read as _, Write as _};

use landlock::{ABI, Access as _, AccessFs, AccessNet, Compatible as _, Ruleset, RulesetAttr as _};
use nix::sys::resource::{Resource, setrlimit};

/// The longest that one PDF may take of a processor, in seconds.
const CPU_SECONDS: u64 = 10;

/// The most memory that one PDF may take.
const MEMORY_BYTES: u64 = 512 << 20;

/// The most bytes of a PDF, and of the text that is taken from it.
pub(crate) const MAX_PDF_BYTES: u64 = 16 << 20;

/// Reads a PDF, and writes its text.
pub(super) fn run(input: File, mut output: File) -> Result<u8, String> {
    let set = |resource, most: u64| {
        setrlimit(resource, most, most).map_err(|error| format!("a limit: {error}"))
    };
    set(Resource::RLIMIT_CORE, 0)?;
    set(Resource::RLIMIT_CPU, CPU_SECONDS)?;
    set(Resource::RLIMIT_DATA, MEMORY_BYTES)?;
    set(Resource::RLIMIT_FSIZE, 0)?;
    // What the library prints on its way is no part of the text.
    let nowhere = File::options().write(true).open("/dev/null");
    let nowhere = nowhere.map_err(|error| format!("`/dev/null`: {error}"))?;
    nix::unistd::dup2_stdout(&nowhere).map_err(|error| error.to_string())?;
    give_up_everything()?;
    let mut bytes = Vec::new();
    let read = input.take(MAX_PDF_BYTES).read_to_end(&mut bytes);
    read.map_err(|error| format!("no PDF came: {error}"))?;
    let text = pdf_extract::extract_text_from_mem(&bytes);
    let text = text.map_err(|_malformed| "the PDF could not be read".to_owned())?;
    let written = output.write_all(text.as_bytes());
    written.map_err(|error| format!("its text: {error}"))?;
    Ok(0)
}

/// No file can be opened any more, nor a connection made, where the kernel knows how.
fn give_up_everything() -> Result<(), String> {
    let failed = |error: landlock::RulesetError| format!("Landlock: {error}");
    Ruleset::default()
        .set_compatibility(landlock::CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V7))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(ABI::V7)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self)
        .map(drop)
        .map_err(failed)
}
