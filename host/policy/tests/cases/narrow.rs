//! Does a profile that is like another hold no more than it, and a list of tools only take away?

use lazaret_policy::compile::compile;
use lazaret_policy::compiled::Compiled;
use lazaret_policy::policy::Policy;

use crate::triage::{POLICY, manifests};

fn compiled(more: &str) -> Compiled {
    let policy = Policy::parse("lazaret.toml", &format!("{POLICY}\n{more}")).unwrap();
    compile(&policy, &manifests()).unwrap()
}

fn granted(compiled: &Compiled, profile: &str) -> Vec<String> {
    let id = compiled.profile_id(profile).unwrap();
    let grants = compiled.tables.profile(id).unwrap().grants;
    let names = grants
        .functions()
        .filter_map(|id| Some(compiled.function(id)?.name.clone()));
    names.collect()
}

#[test]
fn a_profile_like_another_is_its_copy_with_other_advice() {
    let compiled = compiled("[profile.second]\nlike = \"actor\"\nsystem = \"be brief\"\n");
    assert_eq!(granted(&compiled, "second"), granted(&compiled, "actor"));
    let rule = |name| {
        let id = compiled.profile_id(name).unwrap();
        compiled.tables.profile(id).unwrap().clearance
    };
    assert_eq!(rule("second"), rule("actor"));
    let second = compiled
        .profile(compiled.profile_id("second").unwrap())
        .unwrap();
    assert_eq!(second.advice.system.as_deref(), Some("be brief"));
}

#[test]
fn tools_take_away_and_never_add() {
    for (tools, expected) in [
        ("\"tracker.label\"", vec!["tracker.label"]),
        ("\"mcp__tracker__label\"", vec!["tracker.label"]),
        ("", vec![]),
        ("\"Read\", \"Bash(git diff:*)\", \"Unheard of\"", vec![]),
        ("\"files.read\"", vec![]),
    ] {
        let more = format!("[profile.narrow]\nlike = \"actor\"\ntools = [{tools}]\n");
        assert_eq!(granted(&compiled(&more), "narrow"), expected, "{tools}");
    }
    let narrowed = compiled("").named_tools(&["tracker.label", "files.read"]);
    let all = compiled("");
    let names = narrowed
        .functions()
        .filter_map(|id| Some(all.function(id)?.name.clone()));
    let names: Vec<String> = names.collect();
    assert!(names.contains(&"tracker.label".to_owned()));
    assert!(!names.contains(&"tracker.close".to_owned()), "{names:?}");
}

#[test]
fn tools_of_other_agents_stand_for_functions_and_models_are_none_of_them() {
    let compiled = crate::policy::compiled(
        "[source.project]\npath = \".\"\ntags = []\n[tree]\n[command]\nread = [\"ls *\"]\n\
        [web.docs]\nallow = [\"https://a.org/**\"]\ntags = []\n[models]\nopenai = {}\n\
        [tool.desk]\nmcp = [\"desk\"]\n[tool.desk.fn.send]\n[tool.desk.fn.list]",
    );
    let left = |tool: &str| {
        let grants = compiled.named_tools(&[tool]);
        let ids = grants.functions();
        let names = ids.filter_map(|id| Some(compiled.function(id)?.name.as_str()));
        let (models, others): (Vec<&str>, Vec<&str>) =
            names.partition(|name| name.starts_with("model."));
        assert_eq!(models, ["model.openai"], "{tool}");
        others.join(" ")
    };
    let looking = "files.project.read files.project.find";
    let changing = "files.project.write files.project.edit";
    for (tool, expected) in [
        ("Read", looking),
        ("Grep", looking),
        ("Edit", changing),
        ("NotebookEdit", changing),
        ("files.write", changing),
        ("Bash", "command.read"),
        ("Bash(git diff:*)", "command.read"),
        ("WebFetch", "web.docs.get"),
        ("mcp__desk", "desk.send desk.list"),
        ("mcp__desk__*", "desk.send desk.list"),
        ("mcp__desk__send", "desk.send"),
        ("desk.send", "desk.send"),
        ("mcp__des", ""),
        ("TodoWrite", ""),
    ] {
        assert_eq!(left(tool), expected, "{tool}");
    }
    assert!(left("*").contains("command.read"));
}

#[test]
fn a_copy_of_nothing_or_of_a_copy_and_one_that_wants_more_are_wrong() {
    for (more, code) in [
        ("[profile.a]\nlike = \"nobody\"", "unknown-profile"),
        (
            "[profile.a]\nlike = \"actor\"\n[profile.b]\nlike = \"a\"",
            "unknown-profile",
        ),
        (
            "[profile.a]\nlike = \"actor\"\nreads = \"*\"",
            "invalid-value",
        ),
        (
            "[profile.a]\nlike = \"actor\"\nuse = [\"tracker.label\"]",
            "invalid-value",
        ),
        (
            "[profile.a]\nlike = \"actor\"\nreaders = \"public\"",
            "invalid-value",
        ),
        (
            "[profile.a]\nlike = \"actor\"\nplugin = \"actor\"",
            "unknown-field",
        ),
        (
            "[profile.a]\nlike = \"actor\"\ntools = [\"a\\u0007\"]",
            "invalid-name",
        ),
    ] {
        let text = format!("{POLICY}\n{more}\n");
        let problems = Policy::parse("lazaret.toml", &text).unwrap_err();
        let codes: Vec<&str> = problems.iter().map(|one| one.code).collect();
        assert!(codes.contains(&code), "{more}: {codes:?}");
    }
}

#[test]
fn budgets_of_tokens_and_questions_are_read() {
    let budget = compiled("").budget;
    assert_eq!(
        (budget.run.tokens, budget.ask_agents, budget.ask_usd),
        (None, None, None)
    );
    let policy = POLICY.replace(
        "[budget]\n",
        "[budget]\ntokens = 9\nask_agents = 0\nask_usd = 3\n",
    );
    let policy = Policy::parse("lazaret.toml", &policy).unwrap();
    assert_eq!(policy.asks_from(), (Some(0), Some(3)));
    let compiled = compile(&policy, &manifests()).unwrap();
    assert_eq!(compiled.budget.run.tokens, Some(9));
}

#[test]
fn a_profile_is_advised_to_think_as_hard_as_one_of_five_words_says() {
    for effort in ["low", "medium", "high", "xhigh", "max"] {
        let compiled = compiled(&format!(
            "[profile.a]\nlike = \"actor\"\neffort = \"{effort}\""
        ));
        let profile = compiled.profile(compiled.profile_id("a").unwrap());
        assert_eq!(profile.unwrap().advice.effort.as_deref(), Some(effort));
    }
    let text = format!("{POLICY}[profile.a]\nlike = \"actor\"\neffort = \"most\"\n");
    let problems = Policy::parse("lazaret.toml", &text).unwrap_err();
    assert_eq!(problems[0].code, "invalid-value");
    assert_eq!(
        problems[0].hint.as_deref(),
        Some("write one of low, medium, high, xhigh, max")
    );
}

#[test]
fn every_agent_is_told_the_constraints_of_the_run() {
    let told = |count: usize| {
        let constraints: Vec<String> = (0..count).map(|at| format!("keep to {at}")).collect();
        let text = POLICY.replacen('\n', &format!("\nconstraints = {constraints:?}\n"), 1);
        let policy = Policy::parse("lazaret.toml", &text).unwrap();
        let compiled = compile(&policy, &manifests()).unwrap();
        for profile in &compiled.profiles {
            assert_eq!(profile.advice.constraints, constraints);
        }
    };
    told(2);
    told(20);
}
