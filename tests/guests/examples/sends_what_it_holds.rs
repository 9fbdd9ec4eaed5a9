//! Asks a site by its function's name for an address that it holds and has not read.

use lazaret_guests::answer;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct SendsWhatItHolds;

impl Agent for SendsWhatItHolds {
    fn run(task: Task) -> Result<Answer, Failure> {
        let url = task.part("mail")?;
        answer(&Call::of("web.docs.get").with_content("url", url).make())
    }
}

lazaret_sdk::export_agent!(SendsWhatItHolds);
