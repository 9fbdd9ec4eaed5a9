//! A plugin's own word: what it is, what it asks to use, what it needs (`plugin.toml`).

use crate::codes;
use crate::diagnostic::{Diagnostic, quote};
use crate::grant;
use crate::name::{self, Name};
use crate::reader::{self, Section, TextOrList};
use crate::text::{At, Report, Text};

pub mod section;

pub use crate::limits::Limits;
pub use section::{SectionError, embed, extract};

/// The most bytes of a manifest's text.
pub const MAX_MANIFEST_BYTES: usize = 64 * 1024;

/// The most bytes of a version.
const MAX_VERSION: usize = 64;

/// What a component was built against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum World {
    /// Reads what it is cleared for and acts through what it was granted.
    Agent,
    /// Directs agents, without I/O.
    Orchestrator,
    /// Performs functions.
    Tool,
}

impl World {
    /// Returns the world's name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Orchestrator => "orchestrator",
            Self::Tool => "tool",
        }
    }
}

/// What a plugin says of itself. It asks; the policy decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    name: String,
    version: String,
    world: World,
    description: String,
    requests: Vec<String>,
    reads: Reads,
    gates: Vec<String>,
    limits: Limits,
}

/// The tags that a plugin asks to be cleared for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reads {
    /// Whatever the policy gives.
    All,
    /// These.
    Tags(Vec<String>),
}

impl Manifest {
    /// Parses a manifest's text. `file` is what diagnostics call it.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        reader::parse(&Text::new(file, text), MAX_MANIFEST_BYTES, read)
    }

    /// Returns the plugin's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the plugin's version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the world it was built against.
    pub fn world(&self) -> World {
        self.world
    }

    /// Returns what it says it is for; may be empty.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Returns the functions it asks to use, as written: `tracker.label`, `tracker.*`.
    pub fn requests(&self) -> &[String] {
        &self.requests
    }

    /// Returns whether it asks to use the function of that full name.
    pub fn requests_function(&self, function: &str) -> bool {
        self.requests
            .iter()
            .any(|request| grant::covers(request, function))
    }

    /// Returns the tags it asks to be cleared for.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// Returns the gate rules it asks to use.
    pub fn gates(&self) -> &[String] {
        &self.gates
    }

    /// Returns the limits it asks for.
    pub fn limits(&self) -> Limits {
        self.limits
    }
}

fn read(root: &mut Section<'_>, report: &mut Report) -> Option<Manifest> {
    let name = root.required_name(report, "name", Name::Plain);
    let version = root.required_text(report, "version");
    let version = version.filter(|version| check_version(report, version));
    let world = root.required_text(report, "world");
    let world = world.and_then(|world| read_world(report, &world));
    let description = root.text(report, "description");
    let description = description.filter(|text| name::check_line(report, "description", text));
    let mut requests = Vec::new();
    let mut reads = Reads::Tags(Vec::new());
    let mut gates = Vec::new();
    if let Some(mut section) = root.section(report, "requests") {
        requests = section
            .names(report, "use", Name::Capability)
            .map_or_else(Vec::new, values);
        reads = read_reads(&mut section, report);
        gates = section
            .names(report, "gates", Name::Plain)
            .map_or_else(Vec::new, values);
        section.finish(report);
    }
    let mut limits = Limits::DEFAULT;
    if let Some(mut section) = root.section(report, "limits") {
        limits = Limits::read(&mut section, report, Limits::DEFAULT);
        section.finish(report);
    }
    Some(Manifest {
        name: name?.value,
        version: version?.value,
        world: world?,
        description: description.map_or_else(String::new, |text| text.value),
        requests,
        reads,
        gates,
        limits,
    })
}

fn read_world(report: &mut Report, world: &At<String>) -> Option<World> {
    let worlds = [World::Agent, World::Orchestrator, World::Tool];
    let found = worlds.into_iter().find(|known| known.name() == world.value);
    if found.is_none() {
        let message = format!("there is no world {}", quote(&world.value));
        let hint = "write `agent`, `orchestrator` or `tool`".to_owned();
        report.hinted(codes::INVALID_VALUE, &world.span, message, hint);
    }
    found
}

fn read_reads(section: &mut Section<'_>, report: &mut Report) -> Reads {
    match section.text_or_list(report, "reads") {
        None => Reads::Tags(Vec::new()),
        Some(TextOrList::Text(text)) if text.value == "*" => Reads::All,
        Some(TextOrList::Text(text)) => {
            let message = format!("`reads` is {}", quote(&text.value));
            let hint = "write a list of tags, or `\"*\"` for whatever the policy gives".to_owned();
            report.hinted(codes::INVALID_VALUE, &text.span, message, hint);
            Reads::All
        }
        Some(TextOrList::List(list)) => {
            let mut tags = list.value;
            tags.retain(|tag| Name::Tag.check(report, tag));
            Reads::Tags(values(tags))
        }
    }
}

/// Three numbers, then what a semantic version may add.
fn check_version(report: &mut Report, version: &At<String>) -> bool {
    let core = version.value.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<&str> = core.split('.').collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let printable = |byte: u8| byte.is_ascii_alphanumeric() || b".-+".contains(&byte);
    let valid = version.value.len() <= MAX_VERSION
        && numbers.len() == 3
        && numbers.iter().all(digits)
        && version.value.bytes().all(printable);
    if !valid {
        let message = format!("{} is no version", quote(&version.value));
        let hint = "write three numbers, such as `0.1.0`".to_owned();
        report.hinted(codes::INVALID_VALUE, &version.span, message, hint);
    }
    valid
}

fn values(list: Vec<At<String>>) -> Vec<String> {
    list.into_iter().map(|item| item.value).collect()
}
