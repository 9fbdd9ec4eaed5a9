//! One command, one file.

mod apply;
mod approve;
mod build;
mod cancel;
mod check;
mod completions;
mod decide;
mod detach;
mod dev;
mod doctor;
mod export;
mod gc;
mod import;
mod init;
mod inspect;
mod keygen;
mod new;
mod notify;
mod plan;
mod policy;
mod receipt;
mod replay;
mod rerun;
mod resume;
mod run;
mod runs;
mod save;
mod secret;
mod show;
mod stop;
mod test;
mod tools;
mod trust;
mod verify;

use std::process::ExitCode;

use anyhow::Result;

use lazaret_workflow::event::Decision;

use crate::cli::Command;

/// Carries out a command and returns the exit status.
pub(crate) fn dispatch(command: Command) -> Result<ExitCode> {
    match command {
        Command::Init(arguments) => init::run(&arguments),
        Command::Run(arguments) => match arguments.step.as_slice() {
            [of, agent] => rerun::run(&arguments, of, agent),
            _ => run::run(&arguments),
        },
        Command::Resume(arguments) => resume::run(&arguments),
        Command::Plan(arguments) => plan::run(&arguments),
        Command::Save(arguments) => save::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Cancel(arguments) => cancel::run(&arguments),
        Command::Retry(arguments) => decide::run(&arguments, Decision::Retry),
        Command::Skip(arguments) => decide::run(&arguments, Decision::Skip),
        Command::Stop(arguments) => stop::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Runs(arguments) => runs::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
        Command::Keygen => keygen::run(),
        Command::Receipt(arguments) => receipt::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Gc(arguments) => gc::run(&arguments),
        Command::Secret(arguments) => secret::run(&arguments),
        Command::Trust(arguments) => trust::run(&arguments),
        Command::Policy(arguments) => policy::run(&arguments),
        Command::Tools(arguments) => tools::run(&arguments),
        Command::Apply(arguments) => apply::run(&arguments),
        Command::Approve(arguments) => approve::approve(&arguments),
        Command::Deny(arguments) => approve::deny(&arguments),
        Command::Endorse(arguments) => approve::endorse(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::New(arguments) => new::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Dev(arguments) => dev::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Completions(arguments) => Ok(completions::run(&arguments)),
    }
}
