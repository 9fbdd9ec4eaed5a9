//! Asks, calls what the model asks for, and asks again, until there is an answer.

use lazaret_sdk::bindings::types::ToolDescription;
use lazaret_sdk::model::{self, Block, Request, Response, Role, ToolCall, ToolSpec, ToolUse};
use lazaret_sdk::tools::{self, Call};
use lazaret_sdk::{Answer, Content, Error, Failure, Task, log};
use serde_json::Value;

use crate::conversation::Conversation;
use crate::options::Options;
use crate::{files, names, schema};

/// The most requests of one agent.
const MAX_TURNS: u32 = 100;

/// How many answers miss the schema when an agent has failed. The first one counts, so that the
/// model is asked again at most four times.
const MAX_MISSES: u32 = 5;

/// The agent's own tool, which shows a shortened result again.
const RECALL: &str = "recall";

/// Where a model's message about a prompt that is too long is recognised.
const TOO_LONG: &str = "model-too-long";

/// Runs the loop for one task.
pub(crate) fn run(task: &Task, options: &Options) -> Result<Answer, Failure> {
    let mut conversation = Conversation::begin(task, options);
    let mut tools: Vec<ToolSpec> = tools::available().into_iter().map(spec).collect();
    tools.extend(files::specs(&lazaret_sdk::files::granted()));
    if !tools.is_empty() {
        tools.push(recall_spec());
    }
    let (mut missed, mut used) = (0, 0);
    for turn in 1..=MAX_TURNS {
        let response = ask(&mut conversation, &tools, options)?;
        used += response.usage.output;
        if !response.tool_calls.is_empty() {
            log::info(&format!("turn {turn}: {}", called(&response)));
            within_budget(used, options)?;
            conversation.settle()?;
            call(&mut conversation, &response)?;
            continue;
        }
        let Some(schema) = &options.schema else {
            return Ok(Answer::Text(response.text));
        };
        match schema::parse_answer(&response.text, schema) {
            Ok(value) => return Answer::json(&value),
            Err(problem) => {
                missed += 1;
                log::info(&format!(
                    "turn {turn}: the answer misses the schema: {problem}"
                ));
                if missed == MAX_MISSES {
                    return Err(Failure::new(format!(
                        "schema: the model missed the schema {missed} times; the last time: {problem}"
                    )));
                }
                within_budget(used, options)?;
                let ask_again = format!(
                    "Your answer does not fit: {problem}. Answer again with the JSON value only."
                );
                conversation.correct(&response.text, &ask_again);
            }
        }
    }
    Err(Failure::new(format!("no answer after {MAX_TURNS} turns")))
}

/// Another request would go past what the agent may use.
fn within_budget(used: u64, options: &Options) -> Result<(), Failure> {
    match options.token_budget {
        Some(budget) if used >= budget => Err(Failure::new(format!(
            "the agent has used {used} output tokens of its {budget} and has no answer"
        ))),
        _ => Ok(()),
    }
}

/// Asks, and once more with shorter results where the prompt is too long.
fn ask(
    conversation: &mut Conversation,
    tools: &[ToolSpec],
    options: &Options,
) -> Result<Response, Failure> {
    loop {
        let request = Request {
            model: options.model.clone().unwrap_or_default(),
            effort: options.effort(),
            max_output_tokens: None,
            messages: conversation.messages(),
            tools: tools.to_vec(),
            schema: options.schema.as_ref().map(Value::to_string),
        };
        let answered = model::ask(&request).and_then(Content::read_json);
        match answered {
            Err(Error::Failed(reason)) if reason.starts_with(TOO_LONG) => {
                if !conversation.shrink()? {
                    return Err(Failure::new(reason));
                }
            }
            answered => return Ok(answered?),
        }
    }
}

fn called(response: &Response) -> String {
    let names: Vec<&str> = response
        .tool_calls
        .iter()
        .map(|call| call.name.as_str())
        .collect();
    format!("calls {}", names.join(", "))
}

fn spec(tool: ToolDescription) -> ToolSpec {
    ToolSpec {
        name: names::to_model(&tool.function),
        description: tool.description,
        schema: tool.schema,
    }
}

fn recall_spec() -> ToolSpec {
    ToolSpec {
        name: RECALL.to_owned(),
        description: "Shows an earlier tool result that was shortened.".to_owned(),
        schema:
            r#"{"type":"object","properties":{"result":{"type":"string"}},"required":["result"]}"#
                .to_owned(),
    }
}

/// Makes the calls of functions at the same time, and those of files one after the other; a refusal is a result like any other.
fn call(conversation: &mut Conversation, response: &Response) -> Result<(), Failure> {
    let thoughts = response.reasoning.iter().cloned();
    let mut said: Vec<Block> = thoughts.map(Block::Reasoning).collect();
    if !response.text.is_empty() {
        said.push(Block::Text(response.text.clone()));
    }
    said.extend(response.tool_calls.iter().map(|call| {
        Block::ToolUse(ToolUse {
            id: call.id.clone(),
            name: call.name.clone(),
            arguments: call.arguments.to_string(),
        })
    }));
    conversation.push(Role::Assistant, said);
    let own: Vec<_> = response.tool_calls.iter().map(files::call).collect();
    let outside = response.tool_calls.iter().zip(&own);
    let outside = outside.filter(|(call, own)| call.name != RECALL && own.is_none());
    let outside = outside.map(|(call, _)| call);
    let mut answers = tools::make_all(outside.map(to_call).collect())?.into_iter();
    let mut results = Vec::new();
    for (call, own) in response.tool_calls.iter().zip(own) {
        let answer = if let Some(answer) = own {
            answer
        } else if call.name == RECALL {
            recalled(conversation, call)
        } else {
            let missing = || Err(Error::Failed("the host gave no answer".to_owned()));
            answers.next().unwrap_or_else(missing)
        };
        let (content, is_error) = match answer {
            Ok(content) => (content, false),
            Err(error) => (told(call, &error)?, true),
        };
        results.push((call.id.clone(), content, is_error));
    }
    conversation.answer_calls(results);
    Ok(())
}

fn recalled(conversation: &Conversation, call: &ToolCall) -> Result<Content, Error> {
    let name = call.arguments.get("result").and_then(Value::as_str);
    name.and_then(|name| conversation.recall(name))
        .ok_or_else(|| Error::Invalid("there is no result of that name".to_owned()))
}

fn to_call(call: &ToolCall) -> Call {
    let mut made = Call::of(&names::from_model(&call.name));
    if let Value::Object(arguments) = &call.arguments {
        for (name, value) in arguments {
            made = made.with(name, value);
        }
    }
    made
}

fn told(call: &ToolCall, error: &Error) -> Result<Content, Failure> {
    log::info(&format!("{}: {error}", call.name));
    let text = match (error, &call.malformed) {
        (_, Some(written)) => format!("the arguments are no JSON object: {written}"),
        (Error::Denied(denial), None) => format!("{}. Instead: {}", denial.message, denial.remedy),
        (other, None) => other.to_string(),
    };
    Ok(Content::text(&text)?)
}
