//! `lazaret new`: a directory with a component that builds and runs as it is.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use lazaret_build::language::Language;
use lazaret_build::template;
use lazaret_build::toolchain::Toolchain;
use lazaret_policy::manifest::World;

use crate::cli::New;
use crate::{home, ui};

pub(crate) fn run(arguments: &New) -> Result<ExitCode> {
    let language = Language::named(&arguments.lang).context("there is no such language")?;
    let worlds = [World::Agent, World::Orchestrator, World::Tool];
    let world = worlds
        .into_iter()
        .find(|world| world.name() == arguments.kind)
        .context("there is no such kind")?;
    let project = template::create(Path::new(""), &arguments.name, language, world)?;
    let main = project.main().display();
    ui::note(&format!(
        "made `{}`; the code is in `{main}`",
        arguments.name
    ));
    ui::note("next:");
    let place = home::build_place()?;
    let tool = Toolchain::of(language);
    if tool.find(Some(project.dir()), &place).is_none() {
        ui::out(&tool.remedy(&place));
    }
    ui::out(&format!("cd {}", arguments.name));
    ui::out("lazaret build");
    ui::out(example(world));
    Ok(ExitCode::SUCCESS)
}

/// The command that shows the template's own behaviour.
fn example(world: World) -> &'static str {
    match world {
        World::Agent => r#"lazaret run . --args '{"name": "world"}'"#,
        World::Orchestrator | World::Tool => "lazaret test",
    }
}

#[cfg(test)]
mod tests {
    use lazaret_policy::policy::Policy;

    use super::*;

    #[test]
    fn the_policy_of_every_template_is_one_that_the_host_reads() {
        for language in Language::ALL {
            let worlds = [World::Agent, World::Tool, World::Orchestrator];
            for world in worlds.into_iter().filter(|world| language.has(*world)) {
                let directory = tempfile::tempdir().unwrap();
                let project = template::create(directory.path(), "a", language, world).unwrap();
                let policy = std::fs::read_to_string(project.dir().join("lazaret.toml")).unwrap();
                Policy::parse("lazaret.toml", &policy).unwrap();
            }
        }
    }
}
