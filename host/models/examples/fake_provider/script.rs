//! What is answered: the model's name is the scene that is played.

use crate::server::http::End;
use crate::server::{Asked, KEY};

/// What a model says.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    /// In pieces.
    pub(super) text: Vec<String>,
    pub(super) calls: Vec<Call>,
    /// Shown reasoning.
    pub(super) reasoning: Option<&'static str>,
    pub(super) stop: Ended,
}

/// A call of a tool; the arguments are in pieces, and need not be JSON.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) arguments: Vec<&'static str>,
}

/// Why the model stopped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Ended {
    #[default]
    Turn,
    Tools,
    Length,
    Refusal,
}

/// What happens.
pub(super) enum Plan {
    /// The model answers.
    Say(Said),
    /// The model answers at once, even if a stream is asked for.
    SayWhole(Said),
    /// The provider refuses.
    Refuse {
        status: u16,
        headers: Vec<(String, String)>,
    },
    /// The same, with a pause before each piece.
    Drip(Said),
    /// The answer stops in the middle.
    Break { said: Said, end: End },
    /// The stream stays alive and says nothing.
    Pings,
    /// The text never ends.
    Endless,
    /// An error comes in the middle of the stream.
    Error,
    /// These bytes.
    Raw(Vec<u8>),
    /// Nothing.
    Silence,
}

impl Said {
    pub(super) fn text(text: &str) -> Self {
        Self {
            text: vec![text.to_owned()],
            ..Self::default()
        }
    }

    fn calls(calls: Vec<Call>) -> Self {
        Self {
            calls,
            stop: Ended::Tools,
            ..Self::default()
        }
    }
}

/// Returns what happens when the scene is asked for, `before` times already.
/// `text` is what was said to the model last.
pub(super) fn plan(asked: &Asked, before: usize, text: &str) -> Plan {
    let weather = || Call {
        id: "call_weather",
        name: "get_weather",
        arguments: vec!["{\"city\": ", "\"Par", "is\"}"],
    };
    let time = || Call {
        id: "call_time",
        name: "get_time",
        arguments: vec!["{}"],
    };
    let hello = || Said {
        text: ["Hello", " from the ", "fäke 模型", "."]
            .map(str::to_owned)
            .to_vec(),
        ..Said::default()
    };
    if let Some(status) = asked.model.strip_prefix("status-") {
        return refuse(status);
    }
    match asked.model.as_str() {
        "tools" | "parallel" | "thoughtful" | "malformed" if asked.has_result => {
            Plan::Say(Said::text("It is 20 degrees."))
        }
        "tools" if asked.has_tools => Plan::Say(Said::calls(vec![weather()])),
        "thoughtful" if asked.has_tools => Plan::Say(Said {
            reasoning: Some("I have to think."),
            ..Said::calls(vec![weather()])
        }),
        "parallel" if asked.has_tools => Plan::Say(Said::calls(vec![weather(), time()])),
        "json" | "objects" => Plan::Say(Said::text("{\"answer\": 42}")),
        "malformed" => {
            let broken = Call {
                arguments: vec!["{\"city\": \"Par"],
                ..weather()
            };
            Plan::Say(Said::calls(vec![broken]))
        }
        "reasoning" => Plan::Say(Said {
            reasoning: Some("I have to think."),
            ..hello()
        }),
        "length" => Plan::Say(Said {
            stop: Ended::Length,
            ..hello()
        }),
        "refusal" => Plan::Say(Said {
            stop: Ended::Refusal,
            ..Said::text("I will not.")
        }),
        "repeat" => Plan::Say(Said::text(text)),
        "slow" => Plan::Drip(hello()),
        "whole" => Plan::SayWhole(hello()),
        "cut" => Plan::Break {
            said: hello(),
            end: End::Cut,
        },
        "ends" => Plan::Break {
            said: hello(),
            end: End::Clean,
        },
        "stall" => Plan::Break {
            said: hello(),
            end: End::Stall,
        },
        "pings" => Plan::Pings,
        "endless" => Plan::Endless,
        "giant" => Plan::Say(Said::text(&"giant ".repeat(1_000_000))),
        "error" => Plan::Error,
        "utf8" => Plan::Raw(b"event: message_start\ndata: {\"text\": \"\xff\xfe\"}\n\n".to_vec()),
        "garbage" => Plan::Raw(b"data: <html>\n\n".to_vec()),
        "silence" => Plan::Silence,
        "echo" => Plan::Say(Said::text(KEY)),
        "flaky" if before < 2 => refuse("529"),
        _ => Plan::Say(hello()),
    }
}

pub(super) fn refuse(scene: &str) -> Plan {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let (status, how) = scene.split_once('-').unwrap_or((scene, ""));
    let headers = match how {
        "seconds" => vec![header("retry-after", "1")],
        "long" => vec![header("retry-after", "600")],
        "date" => vec![
            header("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            header("retry-after", "Sun, 06 Nov 1994 08:51:07 GMT"),
        ],
        _ => Vec::new(),
    };
    Plan::Refuse {
        status: status.parse().unwrap_or(500),
        headers,
    }
}
