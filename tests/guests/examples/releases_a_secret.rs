//! Does what it is ordered to, in turn: reads a mail, reads the secret, asks a gate about the
//! secret; and publishes the gate's verdict, or that it has none.

use lazaret_guests::answer;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Failure, Task, gate};

struct ReleasesASecret;

impl Agent for ReleasesASecret {
    fn run(task: Task) -> Result<Answer, Failure> {
        let secret = task.part("secret")?;
        let mut verdict = None;
        for act in task.text.split(", ") {
            match act {
                "mail" => drop(task.part("mail")?.read()?),
                "read" => drop(secret.read()?),
                _ => verdict = gate::pass::<bool>(secret, "release")?,
            }
        }
        answer(
            &Call::of("tracker.publish")
                .with("text", &verdict.is_none())
                .make(),
        )
    }
}

lazaret_sdk::export_agent!(ReleasesASecret);
