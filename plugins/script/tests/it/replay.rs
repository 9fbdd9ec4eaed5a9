//! Equal replies make equal turns, however they are cut into batches.

use script::Engine;
use script::turn::{Batch, Turn};
use serde_json::json;

use crate::host::{Host, with_meta};
use crate::scenario::Scenario;

const BODY: &str = "phase('a')
const found = await pipeline(['x', 'y', 'z'],
  (item) => agent(`find ${item}`, { label: item }),
  (text, item) => parallel([1, 2].map((n) => () => agent(`${text}/${n}`))))
const more = await Promise.all([agent('m'), agent('n')])
return { found, more, spent: budget.spent() > 0 }";

fn live() -> Host {
    let answers = json!({ "answers": [
        { "on": "find x", "text": "slow", "after": 9, "tokens": 5 },
        { "on": "find y", "none": true },
        { "on": "/2", "text": "two", "after": 3 },
    ] });
    let scenario: Scenario = serde_json::from_value(answers).unwrap();
    let mut host = Host::new(scenario);
    host.together = true;
    host.run("r.js", &with_meta(BODY));
    host
}

fn replay(host: &mut Host, batches: &[Batch]) -> Vec<Turn> {
    let mut engine = Engine::new(|_, _| {});
    let mut turns = vec![engine.start(&host.task("r.js", &with_meta(BODY)))];
    turns.extend(batches.iter().map(|batch| engine.resume(batch)));
    turns
}

#[test]
fn the_same_batches_make_the_same_turns() {
    let mut host = live();
    let batches = host.batches.clone();
    let turns = host.turns.clone();
    assert_eq!(replay(&mut host, &batches), turns);
}

#[test]
fn two_batches_are_as_good_as_one() {
    let mut host = live();
    let requests = |turns: &[Turn]| {
        turns
            .iter()
            .flat_map(|turn| turn.requests.clone())
            .collect::<Vec<_>>()
    };
    // One reply a batch, instead of all that were ready.
    let single: Vec<Batch> = host
        .batches
        .iter()
        .flat_map(|batch| {
            batch.replies.iter().map(|reply| Batch {
                replies: vec![reply.clone()],
                output_tokens: batch.output_tokens,
            })
        })
        .collect();
    assert!(single.len() > host.batches.len());
    let turns = host.turns.clone();
    let again = replay(&mut host, &single);
    assert_eq!(requests(&again), requests(&turns));
    assert_eq!(
        again.last().unwrap().finished,
        turns.last().unwrap().finished
    );
}

#[test]
fn replies_to_nothing_and_turns_after_the_end_do_no_harm() {
    let mut host = live();
    let batches = host.batches.clone();
    let mut engine = Engine::new(|_, _| {});
    engine.start(&host.task("r.js", &with_meta("return await agent('x')")));
    let stray = Batch {
        replies: vec![script::turn::NumberedReply {
            id: 77,
            reply: script::turn::Reply::Done,
        }],
        output_tokens: 0,
    };
    assert_eq!(engine.resume(&stray), Turn::default());
    engine.resume(&Batch {
        replies: vec![script::turn::NumberedReply {
            id: 1,
            reply: script::turn::Reply::Value("v".into()),
        }],
        output_tokens: 0,
    });
    let over = engine.resume(&batches[0]);
    assert_eq!(over.finished, Some(Err("the script is over".to_owned())));
}
