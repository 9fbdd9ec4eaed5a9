//! Where runs keep the files that they work on, and the program that confines commands.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lazaret_policy::compiled::{FilesAct, FunctionKind};

use crate::confine::Specification;
use crate::run::Run;
use crate::tree::{BOOKS, From, Origin, Tree, git};

/// What a host needs for run trees and commands; without it neither is there.
#[derive(Clone, Debug, Default)]
pub struct Workshop {
    /// A binary that goes on as a stage of [`confine`](crate::confine) when it is told to.
    pub confiner: Option<PathBuf>,
    /// The directory below which each run has one of its own.
    pub trees: Option<PathBuf>,
}

/// What lies in a worktree whose changes were merged.
const MERGED: &str = "merged";

/// The directory of the run's own repository.
const REPOSITORY: &str = "git";

/// Names the worktree of a step, as results and functions do.
pub(crate) fn worktree_name(step: u32) -> String {
    format!("w{step}")
}

impl Run {
    /// Returns what a tree of this run is made from.
    pub(crate) fn tree_origin(&self) -> Result<Origin, String> {
        let rule = self.compiled.tree.clone();
        let rule = rule.ok_or("the policy has no `[tree]`")?;
        let mount = self.compiled.mounts.get(&rule.source).cloned();
        let mount = mount.ok_or("the policy has no source for the tree")?;
        let project = self.directory.join(&mount.path);
        let project = project
            .canonicalize()
            .map_err(|error| format!("`{}`: {}", project.display(), error.kind()))?;
        Ok(Origin {
            project,
            mount,
            rule,
            names: self.compiled.names.clone(),
        })
    }

    /// Returns the directory of this run's own trees.
    pub(crate) fn workplace(&self) -> Result<PathBuf, String> {
        let trees = self.workshop.trees.as_ref();
        let trees = trees.ok_or("this host keeps no run trees")?;
        Ok(trees.join(self.writer.id().to_string()))
    }

    /// Returns whether an earlier part of the run has written to its tree. Agents with a
    /// worktree of their own have not, whatever they wrote.
    fn has_written(&self, workplace: &Path) -> bool {
        let replay = self.replay();
        let mut answered = replay
            .past()
            .effects
            .iter()
            .filter(|(_, effect)| effect.answer.is_some())
            .filter(|((step, _), _)| !workplace.join(worktree_name(*step)).exists());
        answered.any(|(_, effect)| {
            let id = self.compiled.function_id(&effect.function);
            let function = id.and_then(|id| self.compiled.function(id));
            function.is_some_and(|function| match &function.kind {
                FunctionKind::Files { mount, act } => {
                    let mount = self.compiled.mounts.get(mount);
                    let writes = matches!(act, FilesAct::Write | FilesAct::Edit);
                    writes && mount.is_some_and(|mount| mount.tree)
                }
                FunctionKind::Command { .. } => true,
                _ => false,
            })
        })
    }

    /// Takes the run tree away: nothing of it is needed any more. What cannot be taken away
    /// now is found by `gc`.
    pub(crate) fn forget_tree(&self) {
        if let Ok(place) = self.workplace() {
            std::fs::remove_dir_all(place.join("run")).ok();
        }
    }

    /// Takes every worktree away that was merged, or in which nothing has changed, and at last
    /// the run's directory. Returns the names of those that are kept.
    pub(crate) async fn sweep(&self) -> Vec<String> {
        let Ok(place) = self.workplace() else {
            return Vec::new();
        };
        let entries = std::fs::read_dir(&place).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.starts_with('w'))
            .collect();
        names.sort();
        let mut kept = Vec::new();
        for name in names {
            let changed = match self.worktree(&name).await {
                Ok(tree) => tree.settle(tree.label()).is_err() || !tree.changes().is_empty(),
                // One that was never whole.
                Err(_) => false,
            };
            if changed && !place.join(&name).join(MERGED).exists() {
                kept.push(name);
            } else {
                std::fs::remove_dir_all(place.join(&name)).ok();
            }
        }
        if kept.is_empty() && !place.join("run").exists() {
            std::fs::remove_dir_all(place).ok();
        }
        kept
    }

    /// Notes that a worktree's changes are in another tree: it may go when the run ends.
    pub(crate) fn was_merged(tree: &Tree) -> Result<(), String> {
        let noted = std::fs::write(tree.base().join(MERGED), "");
        noted.map_err(|error| format!("the worktree: {}", error.kind()))
    }

    /// Returns the run tree; it is made when somebody first needs it.
    pub(crate) async fn tree(&self) -> Result<Arc<Tree>, String> {
        let made = self.tree.get_or_try_init(|| async {
            let (origin, workplace) = (self.tree_origin()?, self.workplace()?);
            let base = workplace.join("run");
            if !base.join(BOOKS).exists() && self.has_written(&workplace) {
                return Err(format!(
                    "the run's tree is gone, and with it what was written: `{}`",
                    base.display()
                ));
            }
            self.open_tree(base, origin, From::WorkingCopy).await
        });
        made.await.map(Arc::clone)
    }

    async fn open_tree(
        &self,
        base: PathBuf,
        origin: Origin,
        from: From,
    ) -> Result<Arc<Tree>, String> {
        let own = self.repository().await?;
        let opened = tokio::task::spawn_blocking(move || Tree::open(&base, origin, from, own));
        let opened = opened
            .await
            .map_err(|_panic| "the tree could not be made".to_owned())?;
        opened.map(Arc::new)
    }

    /// Returns the repository of the run's own, made when it is first needed: its last commit
    /// stays the same for all of the run.
    pub(crate) async fn repository(&self) -> Result<Option<PathBuf>, String> {
        let made = self.repository.get_or_try_init(|| async {
            let (origin, own) = (self.tree_origin()?, self.workplace()?.join(REPOSITORY));
            let made = tokio::task::spawn_blocking(move || git::once(&origin.project, &own));
            made.await
                .map_err(|_panic| "the repository could not be read".to_owned())?
        });
        made.await.cloned()
    }

    /// Says why no agent can have a worktree of its own, if none can.
    pub(crate) fn no_worktree(&self) -> Option<&'static str> {
        let origin = self.tree_origin();
        let Ok(origin) = origin else {
            return Some("isolation: the policy has no `[tree]`");
        };
        if self.workshop.trees.is_none() {
            return Some("isolation: this host keeps no worktrees");
        }
        (!origin.project.join(".git").exists()).then_some("isolation: this is no git repository")
    }

    /// Makes the worktree of a step, or opens the one that an earlier part of the run made.
    pub(crate) async fn own_worktree(&self, step: u32) -> Result<Arc<Tree>, String> {
        let name = worktree_name(step);
        let (origin, base) = (self.tree_origin()?, self.workplace()?.join(&name));
        let tree = self.open_tree(base, origin, From::Head).await?;
        self.worktrees().insert(name, Arc::clone(&tree));
        Ok(tree)
    }

    /// Returns a worktree that some agent has changed something in.
    pub(crate) async fn worktree(&self, name: &str) -> Result<Arc<Tree>, String> {
        if let Some(open) = self.worktrees().get(name) {
            return Ok(Arc::clone(open));
        }
        let plain = name
            .strip_prefix('w')
            .and_then(|step| step.parse::<u32>().ok());
        let base = self.workplace()?.join(name);
        if plain.is_none_or(|step| worktree_name(step) != name) || !base.join(BOOKS).exists() {
            return Err(format!(
                "there is no worktree `{}`: nothing was changed in it, or it was never made",
                name.chars().take(32).collect::<String>()
            ));
        }
        let tree = self
            .open_tree(base, self.tree_origin()?, From::Head)
            .await?;
        self.worktrees().insert(name.to_owned(), Arc::clone(&tree));
        Ok(tree)
    }

    /// Ends an agent's work on its worktree. Of one in which nothing has changed only the empty
    /// directory stays until the run ends: it says that the agent had one.
    pub(crate) async fn close_worktree(&self, step: u32, tree: Arc<Tree>) -> Result<(), String> {
        let changed = tokio::task::spawn_blocking(move || {
            tree.settle(tree.label())?;
            Ok::<_, String>((!tree.changes().is_empty(), tree.base().to_owned()))
        });
        let changed = changed
            .await
            .map_err(|_panic| "the worktree could not be read".to_owned())?;
        let (changed, base) = changed?;
        if !changed {
            self.worktrees().remove(&worktree_name(step));
            std::fs::remove_dir_all(&base).ok();
            std::fs::create_dir(&base).ok();
        }
        Ok(())
    }

    /// Returns the run tree if somebody has needed it, now or in an earlier part of the run.
    pub(crate) async fn tree_if_made(&self) -> Result<Option<Arc<Tree>>, String> {
        let made = self.compiled.tree.is_some()
            && self
                .workplace()
                .is_ok_and(|place| place.join("run").join(BOOKS).exists());
        if !made {
            return Ok(None);
        }
        self.tree().await.map(Some)
    }
}

impl Workshop {
    /// Looks whether commands can be confined on this machine; the error says why not.
    pub fn check(&self) -> Result<(), String> {
        let confiner = self.confiner.as_ref().ok_or("no program confines them")?;
        let trees = self.trees.as_ref().ok_or("this host keeps no run trees")?;
        let root = trees.join(format!("check-{}", std::process::id()));
        crate::tree::private_directory(&root)?;
        let specification = Specification {
            root: root.clone(),
            processes: 512,
            memory_bytes: u64::MAX,
            file_bytes: u64::MAX,
            ..Specification::default()
        };
        let checked = crate::command::check(confiner, &specification);
        std::fs::remove_dir(&root).ok();
        checked
    }
}
