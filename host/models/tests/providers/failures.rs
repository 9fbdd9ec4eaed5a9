//! Whether everything that goes wrong is told as what it is.

use std::time::Duration;

use lazaret_models::{
    Call, Config, Limits, ModelClient, ModelError, OpenAi, Phase, Request, Secret,
};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::cast::{Actor, cast, config, fake, impatient, streaming};

async fn fail(actor: &Actor, scene: &str) -> ModelError {
    let answer = actor
        .client
        .ask(&Request::new(scene, "hi"), Call::default())
        .await;
    answer.expect_err(&format!("{} answered `{scene}`", actor.name))
}

/// Checks the error of a scene with every provider, with and without streams.
async fn everywhere(scene: &str, fits: impl Fn(&ModelError) -> bool) {
    let fake = fake().await;
    for actor in cast(&fake) {
        let error = fail(&actor, scene).await;
        assert!(
            fits(&error),
            "{}, streaming {}: {error:?}",
            actor.name,
            actor.streaming
        );
    }
}

#[tokio::test]
async fn refusals_are_classed_by_their_status() {
    let cases = [
        ("status-400", "model-bad-request"),
        ("status-401", "model-unauthorised"),
        ("status-403", "model-unauthorised"),
        ("status-404", "model-unknown"),
        ("status-429", "model-rate-limited"),
        ("status-500", "model-failed"),
        ("status-503", "model-overloaded"),
        ("status-529", "model-overloaded"),
        ("status-302", "model-bad-request"),
    ];
    for (scene, code) in cases {
        everywhere(scene, |error| error.code() == code).await;
    }
}

#[tokio::test]
async fn waits_are_read_as_seconds_and_as_dates() {
    for (scene, seconds) in [("status-429-seconds", 1), ("status-429-date", 90)] {
        let wanted = Some(Duration::from_secs(seconds));
        everywhere(scene, |error| {
            matches!(error, ModelError::RateLimited { retry_after, .. } if *retry_after == wanted)
        })
        .await;
    }
}

#[tokio::test]
async fn a_stream_or_body_that_is_cut_was_interrupted() {
    everywhere("cut", |error| matches!(error, ModelError::Interrupted(_))).await;
}

#[tokio::test]
async fn a_stream_that_ends_without_its_end_was_interrupted() {
    everywhere("ends", |error| matches!(error, ModelError::Interrupted(_))).await;
}

#[tokio::test]
async fn what_is_not_the_protocol_is_malformed() {
    let fake = fake().await;
    for actor in cast(&fake) {
        for scene in ["utf8", "garbage"] {
            let error = fail(&actor, scene).await;
            // Bytes that are no event stream have no length that could be believed.
            let fits = matches!(
                error,
                ModelError::Malformed(_) | ModelError::TooLarge { .. }
            );
            assert!(fits, "{} {scene}: {error:?}", actor.name);
        }
    }
}

#[tokio::test]
async fn an_error_in_the_middle_of_a_stream_is_classed_like_a_refusal() {
    let fake = fake().await;
    for actor in streaming(&fake, Limits::default()) {
        let error = fail(&actor, "error").await;
        let fits = matches!(
            error,
            ModelError::Overloaded { .. } | ModelError::Failed { .. }
        );
        assert!(fits, "{}: {error:?}", actor.name);
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_or_stops_to_is_given_up() {
    let fake = fake().await;
    let cases = [
        ("silence", Phase::FirstByte),
        ("stall", Phase::Idle),
        ("pings", Phase::Attempt),
    ];
    let mut asked = JoinSet::new();
    for (scene, phase) in cases {
        for actor in streaming(&fake, impatient()) {
            asked.spawn(async move { (actor.name, fail(&actor, scene).await, phase) });
        }
    }
    for (name, error, phase) in asked.join_all().await {
        assert_eq!(error, ModelError::Timeout(phase), "{name}");
    }
}

#[tokio::test]
async fn the_caller_s_deadline_counts_over_all_limits() {
    let fake = fake().await;
    for actor in streaming(&fake, Limits::default()) {
        let deadline = Some(Instant::now() + Duration::from_millis(100));
        let call = Call {
            deadline,
            ..Call::default()
        };
        let answer = actor.client.ask(&Request::new("pings", "hi"), call).await;
        assert_eq!(
            answer,
            Err(ModelError::Timeout(Phase::Deadline)),
            "{}",
            actor.name
        );
    }
}

#[tokio::test]
async fn endless_and_giant_answers_are_dropped_at_the_limit() {
    let fake = fake().await;
    for actor in cast(&fake) {
        // Six megabytes of text; the limit is four.
        let error = fail(&actor, "giant").await;
        assert!(
            matches!(error, ModelError::TooLarge { .. }),
            "{}: {error:?}",
            actor.name
        );
    }
    for actor in streaming(&fake, Limits::default()) {
        let error = fail(&actor, "endless").await;
        assert!(
            matches!(error, ModelError::TooLarge { .. }),
            "{}: {error:?}",
            actor.name
        );
    }
}

#[tokio::test]
async fn one_byte_past_the_limit_on_the_wire_is_too_much() {
    let fake = fake().await;
    let whole = |wire_bytes| {
        let limits = Limits {
            wire_bytes,
            ..Limits::default()
        };
        let address = format!("http://{}/v1", fake.address());
        let provider = OpenAi::at(&address, Secret::new(crate::server::KEY)).expect("a provider");
        let config = Config {
            limits,
            streaming: false,
            ..config(provider)
        };
        ModelClient::new(config).expect("a client")
    };
    let ask = async |limit| {
        whole(limit)
            .ask(&Request::new("text", "hi"), Call::default())
            .await
    };
    let mut size = 0;
    while let Err(ModelError::TooLarge { limit, .. }) = ask(size).await {
        assert_eq!(limit, size);
        size += 1;
        assert!(size < 2000, "the answer is small");
    }
    assert!(size > 100, "the limit was looked at");
    ask(size).await.expect("an answer within the limit");
}

#[tokio::test]
async fn a_request_past_the_limit_is_not_sent() {
    let fake = fake().await;
    let limits = Limits {
        request_bytes: 300,
        ..Limits::default()
    };
    for actor in streaming(&fake, limits) {
        let request = Request::new("text", "x".repeat(300));
        let answer = actor.client.ask(&request, Call::default()).await;
        assert!(
            matches!(answer, Err(ModelError::TooLong(_))),
            "{}: {answer:?}",
            actor.name
        );
    }
    assert!(fake.seen().is_empty());
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/v1", listener.local_addr().expect("an address"));
    drop(listener);
    let provider = OpenAi::compatible(&address, Secret::new("")).expect("a provider");
    let client = ModelClient::new(config(provider)).expect("a client");
    let answer = client.ask(&Request::new("m", "hi"), Call::default()).await;
    assert!(
        matches!(answer, Err(ModelError::Unreachable(_))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_server_without_tls_is_unreachable_over_https() {
    let fake = fake().await;
    let address = format!("https://{}/v1", fake.address());
    let provider = OpenAi::compatible(&address, Secret::new("a-key")).expect("a provider");
    let client = match ModelClient::new(config(provider)) {
        Ok(client) => client,
        // A machine without certificate authorities has no TLS, and has to say so.
        Err(error) => return assert_eq!(error.code(), "model-config", "{error}"),
    };
    let answer = client.ask(&Request::new("m", "hi"), Call::default()).await;
    assert!(
        matches!(answer, Err(ModelError::Unreachable(_))),
        "{answer:?}"
    );
    assert!(fake.seen().is_empty());
}
