//! Which programs a policy lets run, with which arguments, and what one run may use up.
//!
//! Pure: nothing here starts a program. There is no shell: a command is a list of words, and
//! a pattern says word by word what it may be.

use std::fmt;
use std::net::SocketAddr;

use globset::{GlobBuilder, GlobMatcher};

use crate::web::HostPattern;

mod git;

/// The argument of a command that reaches hosts that stands for every file of the run tree.
pub const TREE: &str = "tree";

/// The most words of a pattern and of a command.
pub const MAX_WORDS: usize = 256;

/// The most bytes of one word of a command: what the kernel takes.
pub const MAX_WORD_BYTES: usize = 131_071;

/// Everything that a policy says of commands.
#[derive(Clone, Debug)]
pub struct Commands {
    /// The groups, by name: each is one function, `command.GROUP`.
    pub groups: Vec<(String, CommandGroup)>,
    /// Toolchains and caches that every command may read. `~/` is the operator's home.
    pub caches: Vec<String>,
    /// What one command may use up.
    pub limits: CommandLimits,
}

/// Commands under one rule.
#[derive(Clone, Debug)]
pub struct CommandGroup {
    /// What may run.
    pub run: Vec<CommandPattern>,
    /// The hosts that it may reach; none is no network at all.
    pub net: Vec<HostPattern>,
    /// Addresses of this machine or its networks that may be reached all the same.
    pub private: Vec<SocketAddr>,
    /// Variables of its environment that hold secrets: the variable, the secret's name.
    pub secrets: Vec<(String, String)>,
    /// Whether it may change the run tree.
    pub write: bool,
    /// Commands that the administrator forbids.
    pub never_run: Vec<CommandPattern>,
    /// Hosts that the administrator forbids.
    pub never_reach: Vec<HostPattern>,
}

/// What one command may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandLimits {
    /// From its start to its end, in milliseconds.
    pub wall_ms: u64,
    /// The most bytes that are kept of each of its outputs; a command that writes more is ended.
    pub output_bytes: u64,
    /// The most memory of each of its processes, in MiB.
    pub memory_mib: u64,
    /// The most processes and threads at the same time.
    pub processes: u64,
}

/// One line of a group: a program and its arguments.
#[derive(Clone, Debug)]
pub struct CommandPattern {
    text: String,
    program: String,
    words: Vec<Word>,
    /// Whether any more words may follow.
    open: bool,
}

#[derive(Clone, Debug)]
enum Word {
    Literal(String),
    Like(GlobMatcher),
}

/// Where the files are that agents of a run write to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeRule {
    /// The mount of which it is a copy.
    pub source: String,
    /// Directories that are read where they are and never copied.
    pub share: Vec<String>,
}

impl Commands {
    /// Returns the group of that name.
    pub fn group(&self, name: &str) -> Option<&CommandGroup> {
        self.groups
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, group)| group)
    }

    /// Returns the programs that some pattern names, in order and once each.
    pub fn programs(&self) -> Vec<&str> {
        let patterns = self.groups.iter().flat_map(|(_, group)| &group.run);
        let mut all: Vec<&str> = patterns.map(CommandPattern::program).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl CommandGroup {
    /// Says why a command may not run; `None` is that it may.
    pub fn refusal(&self, command: &[String]) -> Option<String> {
        let long = command.iter().any(|word| word.len() > MAX_WORD_BYTES);
        if command.len() > MAX_WORDS || long {
            return Some(format!(
                "the command is longer than `command-words` of {MAX_WORDS} or one of its words too long"
            ));
        }
        if command.iter().any(|word| word.contains('\0')) {
            return Some("a word of the command has a zero byte in it".to_owned());
        }
        if let Some(forbidden) = self.never_run.iter().find(|one| one.matches(command)) {
            return Some(format!("the administrator forbids `{forbidden}`"));
        }
        if !self.run.iter().any(|pattern| pattern.matches(command)) {
            let known: Vec<&str> = self.run.iter().map(|one| one.text.as_str()).collect();
            return Some(format!(
                "no pattern of the group allows this command; it has `{}`",
                known.join("`, `")
            ));
        }
        match command.first().map(String::as_str) {
            Some("git") => git::refusal(command.get(1..).unwrap_or_default()),
            _ => None,
        }
    }

    /// Returns whether the group's commands may reach the host, which is in lower case.
    pub fn may_reach(&self, host: &str) -> bool {
        let named = |patterns: &[HostPattern]| patterns.iter().any(|one| one.matches(host));
        named(&self.net) && !named(&self.never_reach)
    }
}

/// Returns a command as it is run: git is told not to start programs that a repository names.
pub fn hardened(command: &[String]) -> Vec<String> {
    match command.first().map(String::as_str) {
        Some("git") => git::hardened(command),
        _ => command.to_vec(),
    }
}

impl CommandPattern {
    /// Parses words between spaces. The first is a program's name. `*` at the end stands for
    /// any more words, and within a word for anything in it. The error says what to write.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut words: Vec<&str> = text.split_whitespace().collect();
        let open = words.last() == Some(&"*");
        if open {
            words.pop();
        }
        let (program, arguments) = words
            .split_first()
            .ok_or("write a program's name, then its arguments")?;
        if !is_program(program) {
            return Err("the first word is a program's name, without `/` and `*`");
        }
        if SHELLS.contains(program) {
            return Err("there is no shell here; name the programs that it would start");
        }
        if words.len() > MAX_WORDS {
            return Err("a pattern has at most 256 words");
        }
        let words = arguments.iter().map(|word| Word::parse(word));
        Ok(Self {
            text: text.to_owned(),
            program: (*program).to_owned(),
            words: words
                .collect::<Option<_>>()
                .ok_or("within a word only `*` stands for others")?,
            open,
        })
    }

    /// Returns the program's name.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// Says why no command of this pattern would run, whatever group it is in.
    pub fn refusal(&self) -> Option<String> {
        let literal = |word: &Word| match word {
            Word::Literal(text) => Some(text.clone()),
            Word::Like(_) => None,
        };
        match (self.program.as_str(), self.words.first()) {
            ("git", Some(Word::Like(glob))) => git::unlike(|name| glob.is_match(name)),
            ("git", None) if self.open => None,
            ("git", _) => git::refusal(&self.words.iter().filter_map(literal).collect::<Vec<_>>()),
            _ => None,
        }
    }

    /// Returns whether the command is one of these, word by word.
    pub fn matches(&self, command: &[String]) -> bool {
        let Some((program, arguments)) = command.split_first() else {
            return false;
        };
        let enough = if self.open {
            arguments.len() >= self.words.len()
        } else {
            arguments.len() == self.words.len()
        };
        enough
            && *program == self.program
            && self
                .words
                .iter()
                .zip(arguments)
                .all(|(word, argument)| word.matches(argument))
    }

    /// Returns whether every command of `other` is one of these. One that cannot be told apart
    /// by its words counts as none.
    pub fn covers(&self, other: &Self) -> bool {
        let enough = if self.open {
            other.words.len() >= self.words.len()
        } else {
            !other.open && other.words.len() == self.words.len()
        };
        let pairs = self.words.iter().zip(&other.words);
        enough
            && self.program == other.program
            && pairs.into_iter().all(|(wide, narrow)| wide.covers(narrow))
    }
}

impl fmt::Display for CommandPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Word {
    fn parse(text: &str) -> Option<Self> {
        if !text.contains('*') {
            return Some(Self::Literal(text.to_owned()));
        }
        if text.contains(['?', '[', ']', '{', '}', '\\']) {
            return None;
        }
        let glob = GlobBuilder::new(text).build().ok()?;
        Some(Self::Like(glob.compile_matcher()))
    }

    fn matches(&self, argument: &str) -> bool {
        match self {
            Self::Literal(text) => text == argument,
            Self::Like(glob) => glob.is_match(argument),
        }
    }

    /// The text of a narrower pattern is matched as if its `*` were a letter: a `*` of this one
    /// takes it, and so takes whatever it stands for.
    fn covers(&self, other: &Self) -> bool {
        match other {
            Self::Literal(text) => self.matches(text),
            Self::Like(narrow) => match self {
                Self::Literal(_) => false,
                Self::Like(wide) => wide.is_match(narrow.glob().glob()),
            },
        }
    }
}

/// Programs that run what they are given as text: a pattern for one allows everything.
const SHELLS: [&str; 9] = [
    "sh", "bash", "dash", "zsh", "fish", "ksh", "env", "sudo", "xargs",
];

fn is_program(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte);
    let first = text.bytes().next();
    text.len() <= 64
        && first.is_some_and(|byte| byte.is_ascii_alphanumeric())
        && text.bytes().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, command: &[&str]) -> bool {
        let command: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        CommandPattern::parse(pattern).unwrap().matches(&command)
    }

    #[test]
    fn a_pattern_is_held_against_a_command_word_by_word() {
        assert!(matches("npm test", &["npm", "test"]));
        assert!(!matches("npm test", &["npm", "test", "--", "x"]));
        assert!(!matches("npm test", &["npm"]));
        assert!(matches("git diff *", &["git", "diff"]));
        assert!(matches("git diff *", &["git", "diff", "HEAD", "a b; rm"]));
        assert!(!matches("git diff *", &["git", "-c", "x=y", "diff"]));
        assert!(!matches("git diff *", &["git", "push"]));
        assert!(!matches("git diff *", &["/tmp/git", "diff"]));
        assert!(matches(
            "cargo test --package=*",
            &["cargo", "test", "--package=a"]
        ));
        assert!(!matches(
            "cargo test --package=*",
            &["cargo", "test", "--offline"]
        ));
        assert!(!matches("cargo *", &[]));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in [
            "",
            "  ",
            "*",
            "/bin/ls *",
            "./x",
            "a*b c",
            "ls [a]*",
            "bash -c *",
            "sudo *",
        ] {
            assert!(CommandPattern::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_command_past_the_limit_of_words_is_refused() {
        let group = CommandGroup {
            run: vec![CommandPattern::parse("ls *").unwrap()],
            net: Vec::new(),
            private: Vec::new(),
            secrets: Vec::new(),
            write: false,
            never_run: Vec::new(),
            never_reach: Vec::new(),
        };
        let words = |count| vec!["ls".to_owned(); count];
        assert_eq!(group.refusal(&words(MAX_WORDS)), None);
        assert!(group.refusal(&words(MAX_WORDS + 1)).is_some());
        assert!(group.refusal(&["ls".to_owned(), "\0".to_owned()]).is_some());
        let refused = group.refusal(&["rm".to_owned()]).unwrap();
        assert!(refused.contains("`ls *`"), "{refused}");
    }

    #[test]
    fn a_pattern_covers_what_has_no_command_beside_its_own() {
        let covers = |wide: &str, narrow: &str| {
            let wide = CommandPattern::parse(wide).unwrap();
            wide.covers(&CommandPattern::parse(narrow).unwrap())
        };
        for (wide, narrow) in [
            ("git *", "git *"),
            ("git *", "git push *"),
            ("git *", "git status"),
            ("git push *", "git push origin main"),
            ("git push", "git push"),
            ("npm run x*", "npm run xy*z"),
            ("npm run x*", "npm run xyz"),
        ] {
            assert!(covers(wide, narrow), "{wide} covers {narrow}");
        }
        for (wide, narrow) in [
            ("git push *", "git *"),
            ("git push", "git push *"),
            ("git push *", "git"),
            ("git *", "gh *"),
            ("npm run xy*", "npm run x*"),
            ("npm run xyz", "npm run x*z"),
        ] {
            assert!(!covers(wide, narrow), "{wide} covers {narrow}");
        }
    }
}
