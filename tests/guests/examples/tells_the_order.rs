//! An orchestrator that starts a subject for each word of its order at the same time, and says
//! in which order it was told of their ends.

use std::cell::RefCell;
use std::rc::Rc;

use lazaret_guests::trusted;
use lazaret_sdk::flow::{self, Spawn};
use lazaret_sdk::{Answer, Failure, Orchestrator, Task};

struct TellsTheOrder;

impl Orchestrator for TellsTheOrder {
    async fn run(task: Task) -> Result<Answer, Failure> {
        let args = task.part("args")?;
        let order: String = trusted(args, "/order").await?;
        let mail = flow::project(args, "/mail").await?;
        let told = Rc::new(RefCell::new(Vec::new()));
        let subjects = order.split(' ').enumerate().map(|(number, word)| {
            let told = Rc::clone(&told);
            let subject = Spawn::of("subject", word).text(word).part("mail", mail);
            async move {
                let ended = subject.run().await;
                told.borrow_mut().push(number);
                ended
            }
        });
        for ended in flow::join_all(subjects).await {
            ended?;
        }
        Answer::json(&told.take())
    }
}

lazaret_sdk::export_orchestrator!(TellsTheOrder);
