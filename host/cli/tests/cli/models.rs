//! Models through the binary: keys from everywhere and shown nowhere, rate limits, silence, and
//! what `doctor` and `secret` say. The model is an HTTP server on loopback.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::binary;
use crate::model::{Model, Said, last_text};
use serde_json::{Value, json};
use tempfile::TempDir;

const KEY: &str = "sk-very-secret-0123456789";

const ASK: &str = "export const meta = { name: 'ask', description: 'asks' }
    return await agent('say hello')";

const ASK_MANY: &str = "export const meta = { name: 'many', description: 'asks many' }
    const all = await parallel([1,2,3,4,5,6,7,8].map(n => () => agent('say ' + n)))
    return all.join(',')";

/// Names the policy: a project's own that says where a key comes from has to be trusted first.
const RUN: [&str; 4] = ["run", "script.js", "--policy", "lazaret.toml"];

/// A directory with a policy and a script.
struct Place(TempDir);

impl Place {
    fn new(models: &str, limits: &str, script: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        let policy = format!(
            "version = 1\n{models}\n[limits]\n{limits}\n[profile.general-purpose]\nplugin = \"agent\"\nreads = \"*\"\nuse = [{}]\n",
            if models.is_empty() { "" } else { "\"model.*\"" }
        );
        place.write("lazaret.toml", &policy);
        place.write("script.js", script);
        place
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = binary::command(self.path(), arguments);
        command.env("TEST_KEY", KEY);
        command
    }

    fn lazaret(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn run(&self) -> (Output, Value) {
        self.run_with(&[])
    }

    fn run_with(&self, more: &[&str]) -> (Output, Value) {
        let output = self.lazaret(&[&RUN[..], &["--json", "--verbose"], more].concat());
        let report = binary::report(&output);
        (output, report)
    }

    fn store(&self, name: &str, value: &str) -> Output {
        let mut child = self
            .command(&["secret", "set", name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(value.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    }
}

fn models(model: &Model, more: &str) -> String {
    let address = &model.address;
    format!(
        "[models]\nlocal = {{ base_url = \"{address}\"{more} }}\nalias = {{ default = \"local/test\", fast = \"default\" }}\n"
    )
}

/// Looks for the key in everything that a run left behind, but for the secrets themselves.
fn leaks(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().unwrap() != "secrets" {
                found.extend(leaks(&path));
            }
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let holds = bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes());
        if holds && !path.ends_with("key.txt") {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn keys_come_from_each_place_and_show_up_nowhere_though_the_provider_repeats_them() {
    let sources = [
        "env:TEST_KEY",
        "file:key.txt",
        "command:cat key.txt",
        "secret:test",
    ];
    for source in sources {
        let model = Model::start(|_| Said::Echo);
        let place = Place::new(&models(&model, &format!(", key = \"{source}\"")), "", ASK);
        place.write("key.txt", &format!("{KEY}\n"));
        assert!(place.store("test", KEY).status.success());
        let (output, report) = place.run();
        assert!(
            model
                .keys
                .lock()
                .unwrap()
                .contains(&format!("Bearer {KEY}")),
            "{source}"
        );
        let told = format!("{output:?}{report}");
        assert!(told.contains("model-unauthorised"), "{source}: {told}");
        assert!(!told.contains(KEY), "{source}: {told}");
        let shown = format!("{:?}", place.lazaret(&["doctor", "--json"]));
        assert!(!shown.contains(KEY), "{source}: {shown}");
        assert_eq!(leaks(place.path()), [] as [String; 0], "{source}");
    }
}

#[test]
fn a_key_that_is_not_where_the_policy_says_ends_the_run_before_it_starts() {
    let model = Model::start(|_| Said::Status(500));
    for (source, expected) in [
        (
            "env:NO_SUCH_KEY",
            "the environment variable `NO_SUCH_KEY`: it is not set",
        ),
        ("secret:absent", "run `lazaret secret set absent`"),
        (
            "file:absent.txt",
            "the file `absent.txt`: it could not be read",
        ),
        ("command:false", "the command `false`: it ended with"),
    ] {
        let place = Place::new(&models(&model, &format!(", key = \"{source}\"")), "", ASK);
        let output = place.lazaret(&RUN);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(expected), "{told}");
    }
    assert!(model.asked.lock().unwrap().is_empty());
}

#[test]
fn secrets_are_stored_for_the_user_alone_listed_by_name_and_removed() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new("", "", ASK);
    assert!(place.store("one", KEY).status.success());
    let file = place.path().join("state/secrets/one");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let listed = place.lazaret(&["secret", "list", "--json"]);
    assert_eq!(String::from_utf8_lossy(&listed.stdout).trim(), r#"["one"]"#);
    for wrong in ["../x", "", ".hidden", "a/b"] {
        assert_eq!(place.store(wrong, KEY).status.code(), Some(2), "{wrong}");
    }
    assert_eq!(place.store("two", " \n").status.code(), Some(2));
    assert!(place.lazaret(&["secret", "remove", "one"]).status.success());
    assert!(!file.exists());
    assert_eq!(
        place.lazaret(&["secret", "remove", "one"]).status.code(),
        Some(2)
    );
}

#[test]
fn a_run_without_a_model_says_how_to_configure_one() {
    let place = Place::new("", "", ASK);
    let (_, report) = place.run();
    assert_eq!(report["denials"][0]["rule"], "no-model", "{report}");
    let remedy = report["denials"][0]["remedy"].as_str().unwrap();
    assert!(
        remedy.contains("[models]") && remedy.contains("lazaret doctor"),
        "{remedy}"
    );
}

#[test]
fn what_the_operator_types_may_go_to_a_model_and_what_a_file_holds_only_where_the_policy_says() {
    let model = Model::start(|request| Said::Text(last_text(request)));
    let script = "export const meta = { name: 'echo', description: 'passes text on' }
        return await agent(args.text)";
    let place = Place::new(&models(&model, ""), "", script);
    place.write("args.json", r#"{"text": "from a file"}"#);
    let (_, report) = place.run_with(&["--args", "@args.json"]);
    assert_eq!(
        report["denials"][0]["rule"], "readers:model.default",
        "{report}"
    );
    assert!(model.asked.lock().unwrap().is_empty());
    let (output, report) = place.run_with(&["--args", r#"{"text": "typed"}"#]);
    assert_eq!(output.status.code(), Some(0), "{report}");
    assert_eq!(report["result"], "typed");
    assert_eq!(report["taint"], json!([]));
}

#[test]
fn a_rate_limit_holds_all_agents_back_and_none_fails() {
    let asked = AtomicU32::new(0);
    let model = Model::start(move |request| match asked.fetch_add(1, Ordering::Relaxed) {
        0..3 => Said::Limit(6),
        _ => Said::Text(last_text(request)),
    });
    // Less time than the limit takes: the wait counts for nothing.
    let place = Place::new(&models(&model, ""), "wall_ms = 5000", ASK_MANY);
    let (output, report) = place.run();
    assert_eq!(output.status.code(), Some(0), "{report}");
    assert_eq!(report["result"].as_str().unwrap().split(',').count(), 8);
    assert_eq!(report["failures"], json!([]));
}

#[test]
fn an_agent_whose_model_says_nothing_is_stopped_for_want_of_progress() {
    let model = Model::start(|_| Said::Silence);
    let place = Place::new(&models(&model, ""), "idle_ms = 300", ASK);
    let (output, report) = place.run();
    assert_eq!(output.status.code(), Some(5), "{report}");
    assert!(
        report["failures"].to_string().contains("(idle)"),
        "{report}"
    );
}

#[test]
fn a_silent_model_is_asked_again_after_the_provider_s_own_limit() {
    let asked = AtomicU32::new(0);
    let model = Model::start(move |_| match asked.fetch_add(1, Ordering::Relaxed) {
        0 => Said::Silence,
        _ => Said::Text("hello".to_owned()),
    });
    let place = Place::new(&models(&model, ", first_byte_ms = 300"), "", ASK);
    let (output, report) = place.run();
    assert_eq!(output.status.code(), Some(0), "{report}");
    assert_eq!(report["result"], "hello");
}

#[test]
fn another_model_answers_where_the_first_choice_cannot() {
    let first = Model::start(|_| Said::Limit(600));
    let second = Model::start(|request| Said::Text(request["model"].as_str().unwrap().to_owned()));
    let place = Place::new(
        &format!(
            "[models]\na = {{ base_url = \"{}\" }}\nb = {{ base_url = \"{}\" }}\nalias = {{ default = [\"a/one\", \"b/two\"] }}\n",
            first.address, second.address
        ),
        "",
        ASK_MANY,
    );
    let (output, report) = place.run();
    assert_eq!(output.status.code(), Some(0), "{report}");
    assert_eq!(report["result"], ["two"; 8].join(","));
}

#[test]
fn routes_and_names_choose_the_model() {
    let model = Model::start(|request| Said::Text(request["model"].as_str().unwrap().to_owned()));
    let script = "export const meta = { name: 'routes', description: 'asks' }
        const asked = [await agent('a'), await agent('b', { label: 'review-1' })]
        phase('Verify')
        asked.push(await agent('c'), await agent('d', { phase: 'Other' }))
        asked.push(await agent('e', { model: 'big' }), await agent('f', { model: 'local/any/id' }))
        return asked.join(' ')";
    let place = Place::new(
        &format!(
            "[models]\nlocal = {{ base_url = \"{}\" }}\nalias = {{ default = \"local/test\", big = \"local/big\", small = \"local/small\" }}\n[[models.route]]\nagent = \"review-*\"\nmodel = \"big\"\n[[models.route]]\nphase = \"Verify\"\nmodel = \"small\"\n",
            model.address
        ),
        "",
        script,
    );
    let (_, report) = place.run();
    assert_eq!(
        report["result"], "test big small test big any/id",
        "{report}"
    );
}

#[test]
fn doctor_lists_the_models_that_answer_and_says_what_does_not() {
    let model = Model::start(|_| Said::Status(500));
    let policy = format!(
        "{}dead = {{ base_url = \"http://127.0.0.1:1/v1\" }}\n",
        models(&model, "")
    );
    let place = Place::new(&policy, "", ASK);
    let output = place.lazaret(&["doctor", "--json"]);
    let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
    let row = |what: &str| {
        let rows = rows.as_array().unwrap().iter();
        rows.into_iter()
            .find(|row| row["what"] == what)
            .unwrap()
            .clone()
    };
    assert_eq!(row("model local")["models"], json!(["test"]));
    assert_eq!(row("model dead")["ok"], false);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn doctor_says_how_to_configure_a_first_model() {
    let place = Place::new("", "", ASK);
    let output = place.lazaret(&["doctor"]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        told.contains("none is configured here; in `lazaret.toml`"),
        "{told}"
    );
}

#[test]
fn an_agent_that_keeps_missing_its_schema_makes_the_script_throw() {
    let model = Model::start(|_| Said::Text("no JSON".to_owned()));
    let script = "export const meta = { name: 'schema', description: 'asks for an object' }
        const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] }
        try { return await agent('decide', { schema }) } catch (error) { return 'threw ' + error.message }";
    let place = Place::new(&models(&model, ""), "", script);
    let (_, report) = place.run();
    let result = report["result"].as_str().unwrap();
    assert!(result.starts_with("threw schema:"), "{report}");
    assert_eq!(model.asked.lock().unwrap().len(), 5);
}
