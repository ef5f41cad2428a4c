//! The rules for modules, read from the source: imports point one way, between modules and between files, and some things
//! are done in one module only.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The top-level modules in layers: a module imports only modules that come before it.
const LAYERS: &[&str] = &[
    "digest",
    "secret",
    "signals",
    "system_error",
    "timestamp",
    "env",
    "fs",
    "subprocess",
    "shell",
    "cli",
    "config",
    "credentials",
    "plan",
    "terminal",
    "mfa",
    "aws",
    "cache",
    "credentials_file",
    "error",
    "session",
    "output",
    "commands",
    "run",
    "main",
];

/// What only some modules may name.
const OWNERS: &[(&str, &[&str])] = &[
    ("aws_config", &["aws"]),
    ("aws_sdk_", &["aws"]),
    ("aws_smithy_", &["aws"]),
    ("rustls", &["aws"]),
    ("tokio", &["aws"]),
    ("io::stderr", &["terminal"]),
    ("io::stdout", &["run", "terminal"]),
    ("process::Command", &["subprocess"]),
    ("process::{Child, Command", &["subprocess"]),
    ("rustix::termios", &["terminal"]),
    ("shell_escape", &["shell"]),
    ("sha1::", &["digest"]),
    ("tempfile", &["fs"]),
    ("vars_os", &["env"]),
];

/// A source file: its path in modules (`["plan", "chain"]`), and its lines without comments and tests.
struct Source {
    file: String,
    module: Vec<String>,
    lines: Vec<String>,
}

impl Source {
    fn top(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }

    /// The code in one line, statement by statement.
    fn statements(&self) -> impl Iterator<Item = String> + '_ {
        let code = self.lines.join(" ");
        code.split(';')
            .map(|statement| statement.trim().to_owned())
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The paths that `use` names, with braces resolved, and whether each is a re-export. `super` and `crate` are resolved.
    fn imports(&self) -> Vec<(bool, Vec<String>)> {
        let mut found = Vec::new();
        for statement in self.statements() {
            let Some(at) = statement.rfind("use ").filter(|at| {
                let before = statement[..*at].trim_end();
                before.is_empty() || before.ends_with(['}', ']', ')', '{']) || before.ends_with("pub")
            }) else {
                continue;
            };
            let before = statement[..at].trim_end();
            let is_public = before.ends_with("pub") || before.ends_with("pub(super)") || before.ends_with("pub(crate)");
            for path in unbraced(statement[at + 4..].trim()) {
                found.extend(self.resolved(&path).map(|path| (is_public, path)));
            }
        }
        let inline = self.inline_paths();
        found.extend(inline.filter_map(|path| Some((false, self.resolved(&path)?))));
        found
    }

    /// The paths that begin with `super` or `crate` in code.
    fn inline_paths(&self) -> impl Iterator<Item = String> + '_ {
        let code = self.lines.iter().filter(|line| !line.trim_start().starts_with("use "));
        let starts = code.flat_map(|line| {
            let starts = ["super::", "crate::"]
                .iter()
                .flat_map(|start| line.match_indices(start));
            starts.map(|(at, _)| &line[at..])
        });
        starts.map(|path| {
            let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            path.split(|c| !is_part(c))
                .next()
                .unwrap_or_default()
                .trim_end_matches(':')
                .to_owned()
        })
    }

    fn resolved(&self, path: &str) -> Option<Vec<String>> {
        let mut parts = path.split("::").map(str::trim).map(str::to_owned).collect::<Vec<_>>();
        let is_mod = self.file.ends_with("mod.rs") || self.module.is_empty();
        let mut base = match parts[0].as_str() {
            "crate" => Vec::new(),
            "self" => self.module.clone(),
            "super" => self.module[..self.module.len().checked_sub(1)?].to_vec(),
            _ if is_mod => self.module.clone(),
            _ => return None,
        };
        if ["crate", "self", "super"].contains(&parts[0].as_str()) {
            parts.remove(0);
        }
        base.extend(parts);
        Some(base)
    }
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn unbraced(text: &str) -> Vec<String> {
    let Some(open) = text.find('{') else {
        return vec![text.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let (head, rest) = text.split_at(open);
    let inner = rest[1..].trim_end().trim_end_matches('}');
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (index, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .flat_map(|part| unbraced(&format!("{head}{part}")))
        .collect()
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut directories = vec![root.clone()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).expect("a directory of the source") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
                found.push(read(&root, &path));
            }
        }
    }
    found.sort_by(|one, other| one.file.cmp(&other.file));
    found
}

fn read(root: &Path, path: &Path) -> Source {
    let relative: PathBuf = path.strip_prefix(root).expect("a path below src").to_owned();
    let mut module: Vec<String> = relative
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if module
        .last()
        .is_some_and(|name| ["mod", "lib"].contains(&name.as_str()))
    {
        module.pop();
    }
    let text = fs::read_to_string(path).expect("a source file");
    let lines = text.lines().take_while(|line| *line != "#[cfg(test)]");
    let without_comment = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    Source {
        file: relative.to_string_lossy().replace('\\', "/"),
        module,
        lines: lines.map(without_comment).collect(),
    }
}

#[test]
fn imports_point_one_way_between_modules() {
    let mut broken = Vec::new();
    let layer = |name: &str| LAYERS.iter().position(|known| *known == name);
    for source in sources().iter().filter(|source| source.top() != "lib") {
        let Some(own) = layer(source.top()) else {
            broken.push(format!("src/{}: a module that LAYERS does not name", source.file));
            continue;
        };
        for (number, line) in source.lines.iter().enumerate() {
            for rest in line.split("crate::").skip(1) {
                let end = rest
                    .find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(rest.len());
                let name = &rest[..end];
                if layer(name).is_some_and(|other| other > own) {
                    broken.push(format!(
                        "src/{}:{}: `{}` must not import `{name}`",
                        source.file,
                        number + 1,
                        source.top()
                    ));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// An import of a name that a `mod.rs` re-exports is one of the file that defines it. What a `mod.rs` defines itself may be
/// used by the files of its directory.
#[test]
fn files_import_each_other_in_no_circle() {
    let sources = sources();
    let files: BTreeMap<Vec<String>, &str> = sources
        .iter()
        .map(|source| (source.module.clone(), source.file.as_str()))
        .collect();
    let mut reexports: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for source in &sources {
        for (_, path) in source.imports().into_iter().filter(|(is_public, _)| *is_public) {
            let mut name = source.module.clone();
            name.extend(path.last().cloned());
            if name != path {
                reexports.insert(name, path);
            }
        }
    }
    let defined_in = |path: &[String]| -> Option<String> {
        let mut path = path.to_vec();
        for _ in 0..8 {
            match reexports.get(&path) {
                Some(target) => path.clone_from(target),
                None => break,
            }
        }
        (0..=path.len())
            .rev()
            .find_map(|length| files.get(&path[..length]))
            .map(|file| (*file).to_owned())
    };
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in &sources {
        let imports = source.imports().into_iter().filter(|(is_public, _)| !is_public);
        let targets = imports.filter_map(|(_, path)| defined_in(&path));
        let is_parent = |target: &str| {
            let directory = target.strip_suffix("mod.rs");
            directory.is_some_and(|directory| source.file.starts_with(directory))
        };
        let targets = targets.filter(|target| *target != source.file && target != "lib.rs" && !is_parent(target));
        edges.entry(source.file.clone()).or_default().extend(targets);
    }
    let count: usize = edges.values().map(BTreeSet::len).sum();
    assert!(count > 200, "the imports are read: {count}");
    // Files that import nothing that is left, or that nothing left imports, are in no cycle.
    loop {
        let imported: BTreeSet<String> = edges.values().flatten().cloned().collect();
        let left: BTreeSet<String> = edges.keys().cloned().collect();
        edges.retain(|file, targets| imported.contains(file) && targets.iter().any(|target| left.contains(target)));
        for targets in edges.values_mut() {
            targets.retain(|target| left.contains(target));
        }
        if edges.len() == left.len() {
            break;
        }
    }
    assert!(edges.is_empty(), "import cycles among: {edges:#?}");
}

#[test]
fn every_module_has_a_row_in_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("CONTRIBUTING.md")).expect("CONTRIBUTING.md");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| `src/")).collect();
    let mut named: Vec<&str> = rows
        .iter()
        .filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| cell.split(','))
        .map(|name| name.trim().trim_matches('`'))
        .collect();
    named.sort_unstable();
    let mut modules: Vec<String> = fs::read_dir(root.join("src"))
        .expect("the source")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| !path.ends_with("lib.rs"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            format!("src/{name}{}", if path.is_dir() { "/" } else { "" })
        })
        .collect();
    modules.sort();
    assert_eq!(
        named, modules,
        "the modules in CONTRIBUTING.md, and those of the source"
    );
}

#[test]
fn some_things_are_done_in_one_module_only() {
    let mut broken = Vec::new();
    for source in sources() {
        for (number, line) in source.lines.iter().enumerate() {
            for (name, owners) in OWNERS {
                if line.contains(name) && !owners.contains(&source.top()) {
                    broken.push(format!(
                        "src/{}:{}: only {} may name `{name}`",
                        source.file,
                        number + 1,
                        owners.join(" and ")
                    ));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The names of variables and keys are constants; a literal would be a second place for a name.
#[test]
fn names_of_variables_and_keys_stand_once() {
    let variables = rolenv::env::variables::ALL.iter().copied();
    let set = rolenv::env::Var::ALL.iter().map(|var| var.name());
    // `region` and `services` are words, too.
    let keys = rolenv::config::keys::ALL
        .iter()
        .copied()
        .filter(|key| key.contains('_'));
    let names: BTreeSet<String> = variables
        .chain(set)
        .chain(keys)
        .map(|name| format!("\"{name}\""))
        .collect();
    let mut broken = Vec::new();
    for source in sources() {
        // Names of JSON members and of parameters are others, and messages name what they are about.
        let is_table = ["config/keys.rs", "env/mod.rs", "env/variables.rs"].contains(&source.file.as_str());
        if is_table || ["commands", "cli"].contains(&source.top()) {
            continue;
        }
        for (number, line) in source.lines.iter().enumerate() {
            broken.extend(
                names
                    .iter()
                    .filter(|name| line.contains(*name))
                    .map(|name| format!("src/{}:{}: {name}", source.file, number + 1)),
            );
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for source in sources() {
        let text = fs::read_to_string(root.join(&source.file)).expect("a source file");
        assert!(
            text.starts_with("//! "),
            "src/{} has no `//!` sentence at its head",
            source.file
        );
    }
}
