//! Is every way listed on which tainted content reaches an effect, and none that is closed?

use lazaret_policy::check::Checked;

use super::{checked, said, with};

/// Every path as source, who acts, how, and effect.
pub(super) fn paths(checked: &Checked) -> Vec<String> {
    let paths = checked.paths.iter();
    paths
        .map(|path| {
            let tags = path.tags.join("+");
            format!(
                "{}[{tags}] {} {:?} {}",
                path.source, path.by, path.how, path.effect
            )
        })
        .collect()
}

#[test]
fn a_tolerated_tag_is_an_open_path_for_who_reads_and_for_who_holds() {
    let reads = with(&[("args = { text = [] }", "args = { text = [\"mail\"] }")]);
    assert_eq!(
        paths(&reads),
        [
            "source.args[mail] profile reader Reads box.put",
            "source.args[mail] the workflow Holds box.put/text",
        ]
    );
    let holds = with(&[(
        "args = { text = [] }",
        "args = { text = [\"mail\"], number = [] }",
    )]);
    assert_eq!(
        paths(&holds),
        [
            "source.args[mail] profile reader Holds box.put/text",
            "source.args[mail] the workflow Holds box.put/text",
        ]
    );
    assert_eq!(
        (holds.paths[0].source_line, holds.paths[0].effect_line),
        (12, 21)
    );
    // Who has read it needs both: the whole call's tolerance, and that of each argument.
    for narrow in [
        "args = { text = [\"mail\"] }\ncaller = []",
        "args = { text = [\"mail\"], number = [] }\ncaller = [\"mail\"]",
    ] {
        let narrow = with(&[("args = { text = [] }", narrow)]);
        assert_eq!(paths(&narrow), paths(&holds));
    }
}

#[test]
fn a_person_or_a_narrower_circle_closes_a_path() {
    let tolerant = ("args = { text = [] }", "args = { text = [\"mail\"] }");
    let asked = with(&[tolerant, ("label = {", "decide = \"ask\"\nlabel = {")]);
    assert_eq!(paths(&asked), [""; 0]);
    let otherwise = with(&[
        tolerant,
        ("label = {", "decide = \"ask-otherwise\"\nlabel = {"),
    ]);
    assert_eq!(paths(&otherwise).len(), 2);
    // The launch argument is private, and the call reaches everybody.
    let reaches = with(&[
        tolerant,
        ("label = {", "recipients = \"public\"\nlabel = {"),
    ]);
    assert_eq!(paths(&reaches), [""; 0]);
}

/// What stays in the run tree acts when the tree is applied, or by a command with a way out.
#[test]
fn of_the_run_tree_there_is_one_source_and_only_its_ends_are_effects() {
    const TREE: &str = r#"[source.project]
path = "src"
tags = ["repo"]
readers = "public"
[tree]
apply = { tolerate = ["repo"] }
[command]
run = ["make *"]
out = { run = ["git fetch *"], net = ["git.example"], tolerate = ["repo"], recipients = [] }
[profile.writer]
plugin = "agent"
reads = "*"
use = ["files.project.*", "command.*"]
[profile.reader]"#;
    let checked = with(&[("[profile.reader]", TREE)]);
    assert_eq!(said(&checked), [""; 0]);
    assert_eq!(
        paths(&checked)
            .into_iter()
            .filter(|path| path.contains("[repo]"))
            .collect::<Vec<_>>(),
        [
            "files.project.read[repo] profile writer Reads command.out",
            "files.project.read[repo] the workflow Holds run.apply/patch",
            "files.project.read[repo] the workflow Holds command.out/argv+directory",
        ]
    );
}

/// What somebody writes into the run tree goes out with a command that reaches hosts.
#[test]
fn what_is_written_into_the_run_tree_goes_out_where_a_group_takes_it() {
    let sent = |source: &str, group: &str, uses: &str| {
        let tree = format!(
            "[source.project]\npath = \"src\"\ntags = [\"repo\"]\nreaders = \"public\"\n\
             [source.net]\ntags = [\"mail\", \"repo\"]\nreaders = \"public\"\n[tree]\n[command]\n\
             look = {{ run = [\"make *\"], write = false }}\nrun = [\"make *\"]\n\
             out = {{ run = [\"git *\"], net = [\"git.example\"], label = \"net\", recipients = [], {group} }}\n\
             [profile.writer]\nplugin = \"agent\"\nuse = {uses}\n\
             [profile.runner]\nplugin = \"agent\"\nuse = [\"command.out\"]\n[profile.reader]"
        );
        let checked = with(&[
            ("[profile.reader]", tree.as_str()),
            ("tags = [\"file\"]", r#"tags = ["mail", "repo"]"#),
            (
                r#"use = ["files.desk.read"]"#,
                r#"use = ["files.desk.read", "files.project.write"]"#,
            ),
            (r#"tags = ["file"]"#, r#"tags = ["mail", "repo"]"#),
        ]);
        assert!(checked.errors.is_empty(), "{:?}", checked.errors);
        let paths = paths(&checked).into_iter();
        paths
            .filter(|path| path.starts_with(source) && !path.contains("the workflow"))
            .collect::<Vec<_>>()
    };
    let files = r#"["files.project.*"]"#;
    let tolerant = r#"write = false, tolerate = ["mail"]"#;
    let asked = r#"write = false, tolerate = ["mail"], decide = "ask""#;
    let written = "source.args[mail] profile writer Holds run tree -> command.out";
    let passed = "source.args[mail] profile runner Holds command.out/argv+directory";
    let args = |group, uses| sent("source.args", group, uses);
    assert_eq!(args(tolerant, files), [written, passed]);
    assert_eq!(args(tolerant, r#"["command.run"]"#), [written, passed]);
    // Who may only look writes nothing; a question or no tolerance closes the way.
    assert_eq!(args(tolerant, r#"["command.look"]"#), [passed]);
    assert_eq!(args(tolerant, r#"["files.project.read"]"#), [passed]);
    assert_eq!(args("write = false", files), [""; 0]);
    assert_eq!(args(asked, files), [""; 0]);
    // The project's own files are there without a writer, and a command can send them.
    let own = "files.project.read[repo] profile runner Holds run tree -> command.out";
    let project = |group| sent("files.project.read", group, files);
    assert_eq!(project("write = false"), [own]);
    assert_eq!(project(asked), [""; 0]);
    // Others are there when somebody has written them.
    let other = "files.desk.read[mail+repo] profile writer Holds run tree -> command.out";
    let tool = "files.desk.read[mail+repo] tool box Reads run tree -> command.out";
    assert_eq!(sent("files.desk.read", tolerant, files), [other, tool]);
    assert_eq!(sent("files.desk.read", tolerant, "[]"), [tool]);
    // What a command brings in is there too, where it may write.
    let brought = "command.out[mail+repo] profile runner Holds run tree -> command.out".to_owned();
    let writes = r#"write = true, tolerate = ["mail"]"#;
    assert!(sent("command.out", writes, files).contains(&brought));
    assert!(!sent("command.out", tolerant, files).contains(&brought));
}

#[test]
fn what_a_tool_reads_and_passes_on_by_itself_is_a_path() {
    let checked = with(&[
        (
            "tags = [\"file\"]",
            "tags = [\"file\"]\ntolerate = [\"file\"]",
        ),
        (
            "use = [\"files.desk.read\"]",
            "use = [\"files.desk.read\", \"files.desk.write\"]",
        ),
    ]);
    assert_eq!(
        paths(&checked),
        ["files.desk.read[file] tool box Reads files.desk.write"]
    );
    // What it is called with it passes on too.
    let called = |put: &str| {
        let hook = "[web.hook]\nallow = [\"https://hook.org/**\"]\nmethods = [\"post\"]\n\
                    tags = [\"mail\"]\ntolerate = [\"mail\"]\n[tool.box]";
        let public = "tags = [\"mail\"]\nreaders = \"public\"";
        let uses = "use = [\"files.desk.read\", \"web.hook.post\"]";
        let checked = with(&[
            ("tags = [\"mail\"]", public),
            ("[tool.box]", hook),
            ("use = [\"files.desk.read\"]", uses),
            ("args = { text = [] }", put),
        ]);
        assert_eq!(said(&checked), [""; 0]);
        let paths = paths(&checked).into_iter();
        paths
            .filter(|path| path.starts_with("source.args"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        called("args = { text = [\"mail\"] }"),
        [
            "source.args[mail] profile reader Reads box.put",
            "source.args[mail] the workflow Holds box.put/text",
            "source.args[mail] tool box Reads web.hook.post",
        ]
    );
    // It has read what it was called with, whether its caller had or not.
    assert_eq!(
        called("args = { text = [\"mail\"], number = [] }"),
        [
            "source.args[mail] profile reader Holds box.put/text",
            "source.args[mail] the workflow Holds box.put/text",
            "source.args[mail] tool box Reads web.hook.post",
        ]
    );
    let asked = "args = { text = [\"mail\"] }\ndecide = \"ask\"";
    assert_eq!(called(asked), [""; 0]);
    assert_eq!(called("args = { text = [] }"), [""; 0]);
}

/// A function whose answer has labels of its own for fields, and an effect.
fn answering(label: &str, fields: &[(&str, &str)], effect: &str) -> Vec<String> {
    let field = |(pointer, label): &(&str, &str)| {
        format!("[[tool.tracker.fn.list.field]]\npointer = \"{pointer}\"\n{label}\n")
    };
    let fields = fields.iter().map(field).collect::<Vec<_>>().concat();
    let text = format!(
        "version = 1\n[readers]\nprivate = [\"operator\"]\n[plugin.agent]\nfile = \"agent.wasm\"\n\
         [plugin.box]\nfile = \"box.wasm\"\n[source.args]\ntags = []\n\
         [tool.tracker]\nmcp = [\"tracker\"]\n[tool.tracker.fn.list]\nparse = \"json\"\n\
         label = {{ {label} }}\n{fields}[tool.board]\nplugin = \"box\"\n[tool.board.fn.post]\n{effect}\n\
         [profile.actor]\nplugin = \"agent\"\nreads = \"*\"\nuse = [\"tracker.list\", \"board.post\"]\n"
    );
    let checked = checked(&text);
    assert_eq!(said(&checked), [""; 0]);
    paths(&checked)
}

#[test]
fn a_field_of_an_answer_goes_ways_that_the_whole_does_not() {
    let public = "args = { text = [\"issue\"] }\nrecipients = \"public\"";
    let private = "tags = [\"issue\"], readers = \"private\"";
    let title = ("/title", "tags = [\"issue\"]\nreaders = \"public\"");
    assert_eq!(
        answering(private, &[title], public),
        ["tracker.list/title[issue] profile actor Reads board.post"]
    );
    let number = ("/number", "tags = []\nreaders = \"public\"");
    assert_eq!(answering(private, &[number], public), [""; 0]);
    assert_eq!(answering(private, &[], public), [""; 0]);
    // Two tags that never stand together.
    let (one, two) = (("/a", "tags = [\"a\"]"), ("/b", "tags = [\"b\"]"));
    assert_eq!(
        answering("tags = []", &[one, two], "args = { text = [\"a\"] }"),
        ["tracker.list/a[a] profile actor Reads board.post"]
    );
    // The structure may go where no field does, and fields of one label are one source.
    let same = ("/c", "tags = [\"b\"]");
    assert_eq!(
        answering("tags = [\"a\"]", &[two, same], "args = { text = [\"a\"] }"),
        ["tracker.list[a] profile actor Reads board.post"]
    );
    assert_eq!(
        answering("tags = [\"a\"]", &[two, same], "args = { text = [\"b\"] }"),
        ["tracker.list/b[b] profile actor Reads board.post"]
    );
}
