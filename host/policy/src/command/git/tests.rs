//! Is git asked what people ask it every day, and nothing that starts a program?

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::harmless::{COMMITS, DIFFERENCES, HISTORY, REFS, SUBCOMMANDS, Subcommand};
use super::{TOLD, hardened, refusal};

const DOCUMENTED: &str = include_str!("../../../../../docs/commands.md");

/// Sets of options, and how the documentation calls them.
const SHARED: [(&str, &str); 4] = [
    ("DIFFERENCES", DIFFERENCES),
    ("COMMITS", COMMITS),
    ("HISTORY", HISTORY),
    ("REFS", REFS),
];

/// Options that name a program, a configuration, another repository or a place to write to, or
/// that make git enter a repository in the tree.
const DANGEROUS: [&str; 31] = [
    "--also-filter-submodules",
    "--build-fake-ancestor",
    "--bundle-uri",
    "--config",
    "--config-env",
    "--dirty",
    "--edit",
    "--edit-todo",
    "--exec",
    "--exec-path",
    "--ext-diff",
    "--git-dir",
    "--gpg-sign",
    "--interactive",
    "--open-files-in-pager",
    "--output",
    "--output-directory",
    "--range-diff",
    "--receive-pack",
    "--recurse-submodules",
    "--reference",
    "--separate-git-dir",
    "--server-option",
    "--strategy",
    "--submodule",
    "--template",
    "--textconv",
    "--upload-pack",
    "--work-tree",
    "--help",
    "--paginate",
];

fn refused(line: &str) -> bool {
    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    refusal(&words).is_some()
}

/// The lines of a file of cases.
fn cases(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[test]
fn git_is_never_asked_to_start_a_program_or_to_write_where_it_is_told() {
    for line in cases(include_str!("refused.txt")) {
        assert!(refused(line), "{line}");
    }
    assert!(refused("") && refusal(&[]).is_some());
}

#[test]
fn what_git_is_asked_every_day_is_let_through() {
    for line in cases(include_str!("everyday.txt")) {
        assert!(!refused(line), "{line}");
    }
}

#[test]
fn the_refusal_names_the_option_and_where_the_list_is() {
    let said = |line: &str| {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        refusal(&words).unwrap_or_default()
    };
    for (line, named) in [
        ("ls-remote --u=x .", "`--u=x` of `git ls-remote`"),
        ("grep -e -x", "`-x` of `git grep`"),
        ("stash pop", "`git stash`"),
    ] {
        let said = said(line);
        assert!(
            said.starts_with(named) && said.contains("docs/commands.md"),
            "{said}"
        );
    }
}

/// The lists in another form: each option as one word.
fn listed(subcommand: &Subcommand) -> Vec<&'static str> {
    let lists = subcommand.options.iter();
    lists.flat_map(|list| list.split_whitespace()).collect()
}

/// Looks a word up letter by letter, without the code under test.
fn is_listed(all: &[&str], word: &str) -> bool {
    let has = |option: &str| all.contains(&option);
    if word.starts_with("--") {
        let name = word.split_once('=').map(|(name, _)| format!("{name}="));
        return word == "--"
            || has(word)
            || has(&format!("{word}="))
            || name.is_some_and(|name| has(&name));
    }
    let letters: Vec<char> = word.chars().skip(1).collect();
    let number = has("-NUM") && letters.iter().all(char::is_ascii_digit);
    let alone = |letter: &&char| has(&format!("-{letter}"));
    let next = letters.iter().find(|letter| !alone(letter));
    !word.starts_with('-') || number || next.is_none_or(|letter| has(&format!("-{letter}=")))
}

/// Words that somebody might try: options of any subcommand, beginnings of dangerous ones,
/// letters together, and what is none.
fn word() -> impl Strategy<Value = String> {
    let known: Vec<&str> = SUBCOMMANDS.iter().flat_map(listed).collect();
    let cut = (select(DANGEROUS.to_vec()), 3..20_usize, "(=x)?");
    prop_oneof![
        select(known).prop_map(str::to_owned),
        cut.prop_map(|(option, letters, value)| {
            let beginning: String = option.chars().take(letters).collect();
            beginning + &value
        }),
        "-[a-zA-Z0-9]{1,4}(=x)?",
        "[a-z./]{1,6}",
        Just("--".to_owned()),
    ]
}

proptest! {
    #[test]
    fn whatever_is_let_through_has_no_option_but_those_of_the_list(
        subcommand in 0..SUBCOMMANDS.len(),
        words in vec(word(), 0..6),
    ) {
        let subcommand = &SUBCOMMANDS[subcommand];
        let mut arguments = vec![subcommand.name.to_owned()];
        arguments.extend(words.iter().cloned());
        if refusal(&arguments).is_none() {
            let all = listed(subcommand);
            for word in &words {
                prop_assert!(is_listed(&all, word), "{} {word}", subcommand.name);
            }
        }
    }
}

#[test]
fn every_option_of_the_list_is_let_through_and_with_a_value_where_it_may_have_one() {
    for subcommand in &SUBCOMMANDS {
        for option in listed(subcommand) {
            let word = option.trim_end_matches('=').replace("NUM", "17");
            assert!(subcommand.takes(&word), "{} {word}", subcommand.name);
            let valued = format!("{word}=x");
            let may = option.ends_with('=');
            assert_eq!(
                subcommand.takes(&valued),
                may,
                "{} {valued}",
                subcommand.name
            );
        }
    }
}

#[test]
fn no_beginning_of_a_dangerous_option_is_listed_but_a_whole_one_of_gits_own() {
    let mut taken = Vec::new();
    for subcommand in &SUBCOMMANDS {
        for (option, letters) in DANGEROUS
            .iter()
            .flat_map(|option| (3..=option.len()).map(move |letters| (option, letters)))
        {
            let beginning: String = option.chars().take(letters).collect();
            if subcommand.takes(&beginning) || subcommand.takes(&format!("{beginning}=x")) {
                taken.push(format!("{} {beginning}", subcommand.name));
            }
        }
    }
    // `rev-parse` only says where its repository is.
    let whole = [
        "diff --text",
        "diff-tree --text",
        "format-patch --text",
        "grep --text",
        "log --text",
        "rev-parse --git-dir",
        "show --text",
    ];
    taken.sort();
    let mut whole = whole.map(str::to_owned).to_vec();
    whole.sort();
    assert_eq!(taken, whole);
}

#[test]
fn no_option_takes_back_what_git_is_told_first() {
    for (subcommands, told) in TOLD {
        for name in subcommands {
            let subcommand = SUBCOMMANDS.iter().find(|one| one.name == *name).unwrap();
            for option in told {
                let back = match option.strip_prefix("--no-") {
                    Some(rest) => format!("--{rest}"),
                    None => option.replace("dirty", "none"),
                };
                assert!(!subcommand.takes(&back), "{name} {back}");
                assert!(!subcommand.takes(&format!("{back}=x")), "{name} {back}");
            }
        }
    }
}

#[test]
fn every_list_is_well_formed() {
    let names: Vec<&str> = SUBCOMMANDS.iter().map(|one| one.name).collect();
    assert!(names.is_sorted(), "{names:?}");
    for subcommand in &SUBCOMMANDS {
        let mut seen = Vec::new();
        for option in listed(subcommand) {
            let name = option.trim_end_matches('=');
            let letters = name.trim_start_matches('-');
            let dashes = name.len() - letters.len();
            let letter = dashes == 1 && (letters.len() == 1 || letters == "NUM");
            assert!(letter || (dashes == 2 && letters.len() > 1), "{option}");
            assert!(!seen.contains(&name), "{} {option} twice", subcommand.name);
            seen.push(name);
        }
    }
}

#[test]
fn the_documentation_has_the_same_lists() {
    let mut told: Vec<String> = Vec::new();
    for (name, list) in SHARED {
        told.push(format!("{name}:"));
        told.extend(list.split_whitespace().map(str::to_owned));
    }
    for subcommand in &SUBCOMMANDS {
        told.push(format!("{}:", subcommand.name));
        for list in subcommand.options {
            match SHARED.iter().find(|(_, shared)| shared == list) {
                Some((name, _)) => told.push((*name).to_owned()),
                None => told.extend(list.split_whitespace().map(str::to_owned)),
            }
        }
    }
    let block = DOCUMENTED
        .split("```")
        .find_map(|one| one.strip_prefix("text\n"));
    let documented: Vec<&str> = block.unwrap_or_default().split_whitespace().collect();
    assert_eq!(documented, told);
}

#[test]
fn differences_are_shown_without_the_help_of_other_programs() {
    let told = |subcommand: &str| {
        let command = ["git", subcommand, "x"].map(str::to_owned);
        hardened(&command).join(" ")
    };
    let host = "git --no-pager -c protocol.allow=never -c protocol.https.allow=always";
    let programs = "--no-ext-diff --no-textconv";
    assert_eq!(told("log"), format!("{host} log {programs} x"));
    assert_eq!(told("grep"), format!("{host} grep --no-textconv x"));
    assert_eq!(told("blame"), format!("{host} blame --no-textconv x"));
    // It has no such option, and converts nothing unless it is asked.
    assert_eq!(told("cat-file"), format!("{host} cat-file x"));
}

/// What an agent made of a submodule's directory has a configuration of the agent's: its filters
/// start when git looks for changes there, and its `uploadpack` when git fetches it too.
#[test]
fn git_does_not_enter_submodules() {
    let told = |subcommand: &str| {
        let command = ["git", subcommand, "x"].map(str::to_owned);
        hardened(&command).join(" ")
    };
    for subcommand in ["diff", "status"] {
        let told = told(subcommand);
        assert!(told.ends_with(" --ignore-submodules=dirty x"), "{told}");
    }
    for subcommand in ["fetch", "pull"] {
        let told = told(subcommand);
        assert!(told.ends_with(" --no-recurse-submodules x"), "{told}");
    }
}
