use lazaret_sdk::bindings::types::Piece;
use lazaret_sdk::flow::{self, Ended, Spawn};
use lazaret_sdk::{Content, Failure, Task};

#[lazaret_sdk::orchestrator]
async fn run(task: Task) -> Result<Content, Failure> {
    let texts = flow::split(task.part("args")?, 100).await?;
    flow::phase("Read").await;
    let agents = texts.iter().enumerate().map(|(index, text)| {
        let order = Piece::Literal("Say what this is about:\n\n".to_owned());
        let text = vec![order, Piece::Content(text.handle())];
        Spawn::of("reader", format!("text {}", index + 1)).pieces(text).run()
    });
    let mut places = Vec::new();
    let ended = flow::join_all(agents).await;
    for (index, one) in ended.iter().enumerate() {
        if let Ok(Ended::Value(answer)) = one {
            places.push((format!("/{index}"), *answer));
        }
    }
    let leaves: Vec<_> = places.iter().map(|(place, one)| (place.as_str(), *one)).collect();
    Ok(flow::compose(&vec![(); ended.len()], &leaves).await?)
}
