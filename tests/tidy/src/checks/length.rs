//! No source is so long that nobody reads it to its end.

use std::collections::BTreeMap;

use crate::tree::Tree;

/// Past this a file is split, or has a place among [`LONGER`].
const USUAL: usize = 350;

/// What people write and read; data and what a program wrote may be long.
const ENDINGS: [&str; 12] = [
    ".rs",
    ".wit",
    ".py",
    ".js",
    ".mjs",
    ".ts",
    ".go",
    ".c",
    ".h",
    ".sh",
    ".md",
    "Cargo.toml",
];

/// A file that may be longer, the most lines that it may have, and what makes it long.
type Longer = (&'static str, usize, &'static str);

/// A number here is lowered when its file was split, and raised only with a reason.
#[rustfmt::skip] // a table is read in rows
const LONGER: &[Longer] = &[
    ("host/cli/tests/cli/commands.rs", 430, "a story for each command"),
    ("host/cli/tests/cli/live.rs", 410, "a story for each way to steer a run"),
    ("host/cli/tests/cli/providers.rs", 390, "a story for each provider"),
    ("host/cli/tests/cli/refactor.rs", 530, "one long story, with its project"),
    ("host/cli/tests/cli/resume.rs", 580, "a story for each way to go on"),
    ("host/journal/src/journal.rs", 390, "all that a journal's handle can do"),
    ("host/journal/src/read.rs", 430, "each query beside its check"),
    ("host/journal/src/writer.rs", 410, "one transaction from end to end"),
    ("host/journal/tests/faults/layer.rs", 390, "each call of SQLite's file layer"),
    ("host/kernel/tests/acts/effect.rs", 390, "cases of one act"),
    ("host/kernel/tests/laws/guest.rs", 490, "each act that a guest can choose"),
    ("host/kernel/tests/laws/world.rs", 400, "one simulated run"),
    ("host/kernel/tests/model/run.rs", 460, "each act that is explored"),
    ("host/manifest/src/reader.rs", 460, "a short function for each kind of value"),
    ("host/models/src/client.rs", 430, "one request, from attempt to answer"),
    ("host/models/src/price.rs", 420, "with its tests"),
    ("host/models/src/provider/anthropic.rs", 440, "one provider's wire, with its tests"),
    ("host/models/src/provider/gemini.rs", 410, "one provider's wire, with its tests"),
    ("host/models/src/provider/openai.rs", 590, "one wire and its many copies"),
    ("host/models/src/request.rs", 430, "with its tests"),
    ("host/models/src/wire/answer.rs", 520, "one state machine, with its tests"),
    ("host/models/src/wire/classify.rs", 390, "with its tests"),
    ("host/policy/src/command.rs", 390, "with its tests"),
    ("host/policy/src/compiled.rs", 580, "the tables, and a look-up for each"),
    ("host/policy/src/explain/words.rs", 370, "a sentence for each denial"),
    ("host/policy/src/policy.rs", 410, "the order in which a policy is read"),
    ("host/policy/src/policy/commands.rs", 440, "a section, key by key"),
    ("host/policy/src/policy/functions.rs", 390, "each kind of function that a policy makes"),
    ("host/policy/src/suggestion.rs", 380, "with its tests"),
    ("host/policy/src/web.rs", 390, "with its tests"),
    ("host/policy/tests/cases/closed.rs", 620, "cases"),
    ("host/policy/tests/cases/compile.rs", 440, "cases"),
    ("host/policy/tests/cases/policy.rs", 590, "cases"),
    ("host/runtime/src/cache.rs", 380, "with its tests"),
    ("host/runtime/src/call/effect.rs", 430, "one path, from decision to answer"),
    ("host/runtime/src/orchestrate.rs", 450, "the loop of an orchestrator's turns"),
    ("host/runtime/src/run.rs", 450, "what all parts of a run share"),
    ("host/workflow/src/approval.rs", 400, "with its tests"),
    ("host/workflow/src/budget.rs", 400, "each scope of a budget, side by side"),
    ("host/workflow/src/event.rs", 680, "a type for each record"),
    ("host/workflow/src/replay/past.rs", 560, "how each record is taken back"),
    ("host/workflow/tests/replay.rs", 480, "two engines and a law"),
    ("host/xtask/src/commands/kernel_mutants.rs", 440, "with its tests and the dead mutants' reasons"),
    ("plugins/script/src/engine/context.rs", 420, "each function between Rust and a script"),
    ("plugins/script/src/lexer.rs", 390, "with its tests"),
    ("plugins/script/tests/it/host.rs", 470, "a reply for each request"),
    ("tests/guests/Cargo.toml", 430, "a stanza for each guest"),
    ("tests/security/src/stage.rs", 420, "a short setter for each part of a run"),
    ("tests/security/tests/attacks/acts_on_files.rs", 390, "cases of one attack"),
    ("tests/security/tests/attacks/runs_commands.rs", 650, "cases of one attack"),
    ("tests/security/tests/attacks/serves_tools.rs", 380, "cases of one attack"),
    ("tests/security/tests/mediation.rs", 430, "a case for each import and request"),
];

/// Looks at every source, and at every place in the list.
fn check(tree: &Tree, longer: &[Longer]) -> Vec<String> {
    let sources = tree.files("", "").filter(|(path, _)| is_source(path));
    let lengths: BTreeMap<&str, usize> = sources
        .map(|(path, text)| (path, text.lines().count()))
        .collect();
    let listed = |path: &str| longer.iter().any(|(one, ..)| *one == path);
    let unlisted = lengths
        .iter()
        .filter(|(path, lines)| **lines > USUAL && !listed(path));
    let unlisted =
        unlisted.map(|(path, lines)| format!("{path}: has {lines} lines, more than {USUAL}"));
    let places = longer.iter().filter_map(|place| misplaced(place, &lengths));
    unlisted.chain(places).collect()
}

fn is_source(path: &str) -> bool {
    ENDINGS.iter().any(|end| path.ends_with(end)) && !path.contains("/generated/")
}

/// Says what is wrong with a place in the list.
fn misplaced((path, most, why): &Longer, lengths: &BTreeMap<&str, usize>) -> Option<String> {
    match lengths.get(path) {
        None => Some(format!("{path}: may be longer and is no source")),
        Some(lines) if lines > most => Some(format!(
            "{path}: has {lines} lines, more than the {most} it may have ({why})"
        )),
        Some(lines) if *lines <= USUAL => Some(format!(
            "{path}: has {lines} lines and needs no place among the longer ones"
        )),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_keeps_to_it() {
        crate::assert_none(&check(&Tree::real(), LONGER));
    }

    #[test]
    fn one_line_too_many_is_found() {
        let (fits, long) = ("a\n".repeat(USUAL), "a\n".repeat(USUAL + 1));
        let tree = Tree::planted(&[
            ("a.rs", &fits),
            ("b.rs", &long),
            ("c.rs", &long),
            ("data.json", &long),
            ("sdk/js/generated/d.js", &long),
        ]);
        let most = USUAL + 1;
        assert_eq!(
            check(&tree, &[("c.rs", most, "cases")]),
            ["b.rs: has 351 lines, more than 350"]
        );
    }

    #[test]
    fn a_longer_file_keeps_to_its_own_most() {
        let tree = Tree::planted(&[("a.rs", &"a\n".repeat(402))]);
        assert_eq!(
            check(&tree, &[("a.rs", 401, "cases")]),
            ["a.rs: has 402 lines, more than the 401 it may have (cases)"]
        );
        assert_eq!(check(&tree, &[("a.rs", 402, "cases")]), [""; 0]);
    }

    #[test]
    fn a_place_that_is_not_needed_is_found() {
        let tree = Tree::planted(&[("a.rs", "a\n")]);
        assert_eq!(
            check(&tree, &[("a.rs", 400, "cases"), ("b.rs", 400, "cases")]),
            [
                "a.rs: has 1 lines and needs no place among the longer ones",
                "b.rs: may be longer and is no source"
            ]
        );
    }
}
