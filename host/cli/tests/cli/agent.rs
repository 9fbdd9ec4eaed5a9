//! The default agent through the binary: its tools, its attempts, its window, its budget, and
//! what stands in every prompt. The model is an HTTP server on loopback.

use std::path::Path;
use std::process::Output;

use crate::binary;
use crate::model::{Model, Said, last_text};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A directory with a policy, a script and some files.
struct Place(TempDir);

impl Place {
    /// `profile` is more of the profile, `top` stands above all sections.
    fn new(model: &Model, top: &str, profile: &str, script: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(place.0.path().join("project")).unwrap();
        let policy = format!(
            "version = 1\n{top}\n[models]\nlocal = {{ base_url = \"{}\" }}\nalias = {{ default = \"local/test\" }}\n[files.project]\npath = \"project\"\ntags = []\nreaders = \"public\"\n[profile.general-purpose]\nplugin = \"agent\"\nreads = \"*\"\nuse = [\"model.default\", \"files.project.read\", \"code.run\"]\n{profile}\n[code]\nplugin = \"script\"\n",
            model.address
        );
        place.write("lazaret.toml", policy.as_bytes());
        let meta = "export const meta = { name: 'test', description: 'finds what is lost' }\n";
        place.write("script.js", format!("{meta}{script}").as_bytes());
        place
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.path().join(name), bytes).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn lazaret(&self, arguments: &[&str]) -> Output {
        binary::command(self.path(), arguments).output().unwrap()
    }

    fn run(&self) -> Value {
        let output = self.lazaret(&["run", "script.js", "--json"]);
        binary::report(&output)
    }
}

/// How many answers a request already has in it.
fn turns(request: &Value) -> usize {
    let messages = request["messages"].as_array().unwrap();
    let said = messages.iter();
    said.filter(|message| message["role"] == "assistant")
        .count()
}

/// The results of calls in a request, in order.
fn results(request: &Value) -> Vec<String> {
    let messages = request["messages"].as_array().unwrap().iter();
    let results = messages.filter(|message| message["role"] == "tool");
    results
        .map(|message| message["content"].as_str().unwrap().to_owned())
        .collect()
}

fn read(path: &str) -> (String, String) {
    let arguments = json!({"path": format!("project/{path}")});
    ("read_file".to_owned(), arguments.to_string())
}

fn asked(model: &Model) -> Vec<Value> {
    model.asked.lock().unwrap().clone()
}

#[test]
fn parallel_calls_are_made_together_and_each_result_goes_to_its_call() {
    let run = |source: &str| {
        let arguments = json!({"source": source, "input": null});
        ("code__run".to_owned(), arguments.to_string())
    };
    let model = Model::start(move |request| match turns(request) {
        0 => Said::Calls(["return 'A'", "return 'B'", "return 'C'"].map(run).to_vec()),
        _ => Said::Text(results(request).join(" ")),
    });
    let place = Place::new(&model, "", "", "return await agent('run them')");
    let report = place.run();
    assert_eq!(report["result"], "A B C", "{report}");
    let events = place.lazaret(&["show", report["run"].as_str().unwrap(), "--json"]);
    let events = String::from_utf8(events.stdout).unwrap();
    let events = events
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let order: Vec<String> = events
        .filter(|event| {
            let function = event["function"].as_str().unwrap_or_default();
            event["event"] == "effect-done" || function == "code.run"
        })
        .map(|event| event["event"].as_str().unwrap().to_owned())
        .collect();
    let order = order.join(" ");
    let together = ["effect-intended"; 3].join(" ");
    assert!(
        order.contains(&together),
        "all begin before one ends: {order}"
    );
}

#[test]
fn what_is_wrong_with_a_call_is_its_result_and_the_model_may_try_again() {
    let model = Model::start(|request| match turns(request) {
        0 => Said::Calls(vec![
            ("read_file".to_owned(), "{\"path\": \"a.t".to_owned()),
            ("no_such_tool".to_owned(), "{}".to_owned()),
            read("absent.txt"),
            ("read_file".to_owned(), json!({"file": "a.txt"}).to_string()),
        ]),
        1 => Said::Calls(vec![read("a.txt")]),
        _ => Said::Text(results(request).join("\n")),
    });
    let place = Place::new(&model, "", "", "return await agent('read it')");
    place.write("project/a.txt", b"at last");
    let report = place.run();
    let told: Vec<&str> = report["result"].as_str().unwrap().split('\n').collect();
    assert!(told[0].contains("no JSON object"), "{told:#?}");
    assert!(told[1].contains("no_such_tool"), "{told:#?}");
    assert!(told[2].contains("absent.txt"), "{told:#?}");
    assert!(told[3].contains("`path` is missing"), "{told:#?}");
    assert_eq!(told[4], "at last", "{told:#?}");
}

#[test]
fn an_answer_that_misses_its_schema_is_told_what_is_wrong_and_the_fifth_counts() {
    let answers = [
        "red",
        "{\"colour\": \"pink\"}",
        "{\"colour\": \"red\", \"weight\": -1}",
        "{\"colour\": \"red\", \"weight\": 1, \"name\": \"x\"}",
        "{\"colour\": \"red\", \"weight\": 1}",
    ];
    let model = Model::start(move |request| Said::Text(answers[turns(request)].to_owned()));
    let script = "const schema = { type: 'object', additionalProperties: false,
            properties: { colour: { enum: ['red', 'blue'] }, weight: { type: 'integer', minimum: 0 } },
            required: ['colour', 'weight'] }
        return await agent('choose', { schema })";
    let report = Place::new(&model, "", "", script).run();
    assert_eq!(
        report["result"],
        json!({"colour": "red", "weight": 1}),
        "{report}"
    );
    let told: Vec<String> = asked(&model)[1..].iter().map(last_text).collect();
    assert!(told[0].contains("no JSON value"), "{told:#?}");
    assert!(told[1].contains("`/weight` is missing"), "{told:#?}");
    assert!(
        told[2].contains("`/weight` must be at least 0"),
        "{told:#?}"
    );
    assert!(told[3].contains("`/name` is not a field"), "{told:#?}");
}

#[test]
fn old_results_leave_the_window_and_come_back_when_they_are_called() {
    let model = Model::start(|request| match turns(request) {
        turn @ 0..3 => Said::Calls(vec![read(&format!("{turn}.txt"))]),
        3 => Said::Calls(vec![(
            "recall".to_owned(),
            "{\"result\": \"r1\"}".to_owned(),
        )]),
        _ => Said::Text("done".to_owned()),
    });
    let place = Place::new(&model, "", "", "return await agent('read much')");
    for number in 0..3 {
        let text = format!("file {number} {}", "x".repeat(90_000));
        place.write(&format!("project/{number}.txt"), text.as_bytes());
    }
    let report = place.run();
    assert_eq!(report["result"], "done", "{report}");
    let asked = asked(&model);
    let whole: Vec<Vec<bool>> = asked
        .iter()
        .map(|request| {
            results(request)
                .iter()
                .map(|text| text.len() > 90_000)
                .collect()
        })
        .collect();
    // A result that nobody has seen yet is shown whole; then the oldest leaves.
    assert_eq!(whole[3], [true, true, true]);
    assert_eq!(
        whole[4],
        [false, true, true, true],
        "the first is back as the fourth"
    );
    let preview = &results(&asked[4])[0];
    assert!(
        preview.starts_with("file 0 xxx") && preview.contains("\"r1\""),
        "{preview}"
    );
}

#[test]
fn the_goal_and_the_constraints_of_the_run_stand_in_every_request() {
    let model = Model::start(|request| match turns(request) {
        0 => Said::Calls(vec![read("a.txt")]),
        _ => Said::Text("done".to_owned()),
    });
    let top = "constraints = [\"Speak of nothing but cats.\", \"Be brief.\"]";
    let script = "return await parallel([1, 2].map(n => () => agent('task ' + n)))";
    let place = Place::new(&model, top, "system = \"You are a librarian.\"", script);
    place.write("project/a.txt", b"a");
    place.run();
    let asked = asked(&model);
    assert_eq!(asked.len(), 4);
    for request in asked {
        let first = &request["messages"][0];
        assert_eq!(first["role"], "system");
        let system = first["content"].as_str().unwrap();
        for pinned in [
            "You are a librarian.",
            "The goal of the whole run: finds what is lost",
            "- Speak of nothing but cats.\n- Be brief.",
        ] {
            assert!(system.contains(pinned), "{system}");
        }
    }
}

#[test]
fn an_agent_past_its_own_budget_fails_and_the_run_goes_on() {
    let model = Model::start(|request| match last_text(request).as_str() {
        "cheap" => Said::Text("done".to_owned()),
        _ => Said::Calls(vec![read("a.txt")]),
    });
    let script = "return await parallel(['dear', 'cheap'].map(task => () => agent(task)))";
    let place = Place::new(&model, "", "token_budget = 12", script);
    place.write("project/a.txt", b"a");
    let report = place.run();
    assert_eq!(report["result"], json!([null, "done"]), "{report}");
    assert!(
        report["failures"].to_string().contains("of its 12"),
        "{report}"
    );
    // Each answer has 5 tokens: the third passes the budget, and a fourth is not asked for.
    assert_eq!(asked(&model).len(), 4);
}

#[test]
fn a_picture_that_a_tool_reads_is_shown_to_the_model_as_one() {
    let model = Model::start(|request| match turns(request) {
        0 => Said::Calls(vec![read("dot.png")]),
        _ => Said::Text("a dot".to_owned()),
    });
    let place = Place::new(&model, "", "", "return await agent('what is it?')");
    let dot = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\xff\xff\xff\xff";
    place.write("project/dot.png", dot);
    let report = place.run();
    assert_eq!(report["result"], "a dot", "{report}");
    let shown = asked(&model)[1]["messages"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(shown["role"], "user");
    let url = shown["content"][1]["image_url"]["url"].as_str().unwrap();
    assert!(
        url.starts_with("data:image/png;base64,iVBORw0KGgo"),
        "{url}"
    );
}
