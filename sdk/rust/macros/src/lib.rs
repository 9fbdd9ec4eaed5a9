//! The attributes of `lazaret-sdk`. They read a function's name and the types of its parameters,
//! and leave everything else to the SDK's own macros: so they need no parser of Rust.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// Makes a function the component's agent.
///
/// A parameter of type `Task` is the task; any other is the task's text as JSON, as a type that
/// implements `Deserialize`. The function gives a `Result`: what implements `Serialize` is answered
/// as JSON, an `Answer` and a `Content` as they are; its error is a `Failure`.
///
/// ```ignore
/// #[lazaret_sdk::agent]
/// fn run(input: Input) -> Result<Output, Failure> { … }
/// ```
#[proc_macro_attribute]
pub fn agent(arguments: TokenStream, item: TokenStream) -> TokenStream {
    export("__export_agent_function", &arguments, item)
}

/// Makes an `async` function the component's orchestrator. Its parameters are those of an
/// [`macro@agent`]; it takes the task to find the run's argument, the part `args`.
#[proc_macro_attribute]
pub fn orchestrator(arguments: TokenStream, item: TokenStream) -> TokenStream {
    export("__export_orchestrator_function", &arguments, item)
}

fn export(with: &str, arguments: &TokenStream, item: TokenStream) -> TokenStream {
    if !arguments.is_empty() {
        return error("this attribute takes no arguments");
    }
    let Some((name, parameters)) = signature(item.clone()) else {
        return error("this attribute belongs to a function");
    };
    let kinds: Vec<&str> = parameters.iter().map(|one| kind(one)).collect();
    let export = format!("::lazaret_sdk::{with}!({name}, {});", kinds.join(", "));
    let Ok(export) = export.parse::<TokenStream>() else {
        return error("this function's name is odd");
    };
    item.into_iter().chain(export).collect()
}

/// Returns the function's name and, for each parameter, the tokens of its type.
fn signature(item: TokenStream) -> Option<(String, Vec<Vec<TokenTree>>)> {
    let mut tokens = item.into_iter();
    tokens.find(|token| matches!(token, TokenTree::Ident(word) if word.to_string() == "fn"))?;
    let name = tokens.next()?.to_string();
    let parameters = tokens.find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => Some(group),
        _ => None,
    })?;
    Some((name, types(&parameters)))
}

/// Commas between angle brackets part no parameters.
fn types(parameters: &Group) -> Vec<Vec<TokenTree>> {
    let mut all = Vec::new();
    let mut one = Vec::new();
    let mut depth = 0_i32;
    for token in parameters.stream() {
        if let TokenTree::Punct(mark) = &token {
            match mark.as_char() {
                '<' => depth += 1,
                '>' => depth -= 1,
                ',' if depth == 0 => {
                    all.push(std::mem::take(&mut one));
                    continue;
                }
                _ => {}
            }
        }
        one.push(token);
    }
    if !one.is_empty() {
        all.push(one);
    }
    all
}

/// A parameter whose type's last word is `Task` is the task.
fn kind(parameter: &[TokenTree]) -> &'static str {
    match parameter.last() {
        Some(TokenTree::Ident(word)) if word.to_string() == "Task" => "task",
        _ => "input",
    }
}

fn error(message: &str) -> TokenStream {
    format!("::core::compile_error!({message:?});")
        .parse()
        .unwrap_or_default()
}
