//! The administrator's word: what no policy of this machine may allow, whoever wrote it.
//!
//! It only forbids. A policy that grants what it forbids is refused, with the places in both
//! files; a site whose addresses cover a forbidden host and others loses that host, and a group
//! of commands whose patterns cover a forbidden command and others loses that command.

use crate::command::CommandPattern;
use crate::compiled::Compiled;
use crate::policy::Policy;
use crate::web::HostPattern;
use lazaret_manifest::diagnostic::Diagnostic;
use lazaret_manifest::reader;
use lazaret_manifest::text::{At, Text};

mod judge;
mod model;
mod provider;
mod read;

use self::model::ModelPattern;

/// The most bytes of the file.
pub const MAX_ADMIN_BYTES: usize = 256 * 1024;

/// What is forbidden.
#[derive(Clone, Debug)]
pub struct Admin {
    text: Text,
    functions: Vec<At<String>>,
    hosts: Vec<At<HostPattern>>,
    providers: Vec<At<String>>,
    models: Vec<At<ModelPattern>>,
    commands: Vec<At<CommandPattern>>,
}

impl Admin {
    /// Parses the file. `file` is what diagnostics call it.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let text = Text::new(file, text);
        reader::parse(&text, MAX_ADMIN_BYTES, |root, report| {
            Some(read::read(&text, root, report))
        })
    }

    /// Returns what a policy allows and this forbids, at the policy's lines.
    pub fn judge(&self, policy: &Policy) -> Vec<Diagnostic> {
        judge::judge(self, policy)
    }

    /// Takes the forbidden hosts and commands out of what is left.
    pub fn restrict(&self, compiled: &mut Compiled) {
        let hosts: Vec<HostPattern> = self.hosts.iter().map(|host| host.value.clone()).collect();
        let commands: Vec<CommandPattern> =
            self.commands.iter().map(|one| one.value.clone()).collect();
        let groups = compiled.commands.iter_mut().flat_map(|all| &mut all.groups);
        for (_, group) in groups {
            group.never_reach.clone_from(&hosts);
            group.never_run.clone_from(&commands);
        }
        let search = compiled.search.as_mut().map(|search| &mut search.site);
        for site in compiled.sites.values_mut().chain(search) {
            site.deny.clone_from(&hosts);
        }
    }
}
