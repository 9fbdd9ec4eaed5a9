//! Asks, calls what the model asks for, and asks again, until there is an answer.

use lazaret_sdk::bindings::types::ToolDescription;
use lazaret_sdk::model::{
    self, Block, Request, Response, Role, ToolCall, ToolResult, ToolSpec, ToolUse,
};
use lazaret_sdk::tools::{self, Call};
use lazaret_sdk::{Answer, Content, Error, Failure, Task, log};
use serde_json::Value;

use crate::conversation::Conversation;
use crate::options::Options;
use crate::{names, schema};

/// The most requests of one agent.
const MAX_TURNS: u32 = 100;

/// The most answers that may miss the schema, the first included.
const MAX_STRUCTURED_OUTPUT_RETRIES: u32 = 5;

/// Runs the loop for one task.
pub(crate) fn run(task: &Task, options: &Options) -> Result<Answer, Failure> {
    let mut conversation = Conversation::begin(task, options);
    let tools: Vec<ToolSpec> = tools::available().into_iter().map(spec).collect();
    let mut missed = 0;
    for _ in 0..MAX_TURNS {
        let response = ask(&conversation, &tools, options)?;
        if !response.tool_calls.is_empty() {
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
                if missed == MAX_STRUCTURED_OUTPUT_RETRIES {
                    return Err(Failure::new(format!(
                        "schema: the model missed the schema {missed} times; the last time: {problem}"
                    )));
                }
                let ask_again = format!(
                    "Your answer does not fit: {problem}. Answer again with the JSON value only."
                );
                conversation.correct(&response.text, &ask_again);
            }
        }
    }
    Err(Failure::new(format!("no answer after {MAX_TURNS} turns")))
}

fn ask(
    conversation: &Conversation,
    tools: &[ToolSpec],
    options: &Options,
) -> Result<Response, Failure> {
    let request = Request {
        model: options.model.clone().unwrap_or_default(),
        effort: options.effort(),
        max_output_tokens: None,
        messages: conversation.bounded(),
        tools: tools.to_vec(),
        schema: options.schema.as_ref().map(Value::to_string),
    };
    Ok(model::ask(&request)?.read_json()?)
}

fn spec(tool: ToolDescription) -> ToolSpec {
    ToolSpec {
        name: names::to_model(&tool.function),
        description: tool.description,
        schema: tool.schema,
    }
}

/// Makes the calls at the same time; a refusal is a result like any other.
fn call(conversation: &mut Conversation, response: &Response) -> Result<(), Failure> {
    let mut said = vec![Block::Text(response.text.clone())];
    said.extend(response.tool_calls.iter().map(|call| {
        Block::ToolUse(ToolUse {
            id: call.id.clone(),
            name: call.name.clone(),
            arguments: call.arguments.to_string(),
        })
    }));
    conversation.push(Role::Assistant, said);
    let calls = response.tool_calls.iter().map(to_call).collect();
    let answers = tools::make_all(calls)?;
    let mut results = Vec::new();
    for (call, answer) in response.tool_calls.iter().zip(answers) {
        let (content, is_error) = match answer {
            Ok(content) => (content, false),
            Err(error) => (told(call, &error)?, true),
        };
        results.push(Block::ToolResult(ToolResult {
            id: call.id.clone(),
            content: content.handle(),
            is_error,
        }));
    }
    conversation.push(Role::Tool, results);
    Ok(())
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
