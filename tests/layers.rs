//! The house's rules, read from its source: imports point one way, and some things are done in one room only.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room, and the rooms it may import. Read downwards: nothing imports what stands below it.
const ROOMS: &[(&str, &[&str])] = &[
    ("digest", &[]),
    ("disk", &[]),
    ("environment", &[]),
    ("keys", &[]),
    ("moment", &[]),
    ("shell", &["environment"]),
    ("profile", &["disk", "environment"]),
    ("plan", &["digest", "disk", "environment", "keys", "moment", "profile"]),
    ("session", &["environment", "keys", "moment"]),
    ("terminal", &["disk", "keys"]),
    ("program", &["disk", "environment", "plan"]),
    ("mfa", &["environment", "keys", "plan", "program", "terminal"]),
    (
        "aws",
        &[
            "disk",
            "environment",
            "keys",
            "mfa",
            "moment",
            "plan",
            "profile",
            "program",
            "session",
        ],
    ),
    (
        "cache",
        &[
            "digest",
            "disk",
            "environment",
            "keys",
            "moment",
            "plan",
            "profile",
            "session",
        ],
    ),
    ("store", &["disk", "environment", "plan", "profile", "session"]),
    (
        "error",
        &["aws", "environment", "mfa", "plan", "profile", "shell", "store"],
    ),
    (
        "obtain",
        &[
            "aws",
            "cache",
            "disk",
            "environment",
            "error",
            "keys",
            "mfa",
            "plan",
            "profile",
            "program",
            "session",
            "terminal",
        ],
    ),
    ("cli", &["moment", "shell"]),
    ("explain", &["keys", "moment", "obtain", "plan", "profile"]),
    ("status", &["environment", "keys", "moment", "plan", "terminal"]),
    (
        "commands",
        &[
            "aws",
            "cache",
            "cli",
            "environment",
            "error",
            "explain",
            "keys",
            "mfa",
            "moment",
            "obtain",
            "plan",
            "profile",
            "session",
            "shell",
            "status",
            "store",
            "terminal",
        ],
    ),
    ("signals", &[]),
    (
        "run",
        &["cli", "commands", "environment", "error", "mfa", "signals", "terminal"],
    ),
    ("start", &[]),
    ("main", &[]),
];

/// What only one room may name, and which.
const OWNERS: &[(&str, &[&str])] = &[
    ("aws_config", &["aws"]),
    ("aws_sdk_", &["aws"]),
    ("aws_smithy_", &["aws"]),
    ("rustls", &["aws"]),
    ("tokio", &["aws"]),
    ("io::stderr", &["terminal"]),
    ("io::stdout", &["run", "terminal"]),
    ("process::Command", &["program"]),
    ("process::{Child, Command", &["program"]),
    ("rustix::termios", &["terminal"]),
    ("shell_escape", &["shell"]),
    ("sha1::", &["digest"]),
    ("tempfile", &["disk"]),
    ("vars_os", &["environment"]),
];

struct Line {
    file: PathBuf,
    number: usize,
    room: String,
    code: String,
}

/// Every line of the source, without comments and without tests.
fn lines() -> Vec<Line> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut directories = vec![root.clone()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).expect("a directory of the source") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
                read(&root, &path, &mut found);
            }
        }
    }
    found
}

fn read(source: &Path, path: &Path, found: &mut Vec<Line>) {
    let relative = path.strip_prefix(source).expect("a path below src");
    let first = relative.iter().next().expect("a first part").to_string_lossy();
    let room = first.trim_end_matches(".rs").to_owned();
    let text = fs::read_to_string(path).expect("a source file");
    for (index, line) in text.lines().take_while(|line| *line != "#[cfg(test)]").enumerate() {
        let code = line.split("//").next().unwrap_or_default().to_owned();
        found.push(Line {
            file: relative.to_owned(),
            number: index + 1,
            room: room.clone(),
            code,
        });
    }
}

/// The rooms that a line of code names after `crate::`.
fn imported(code: &str) -> impl Iterator<Item = String> {
    code.split("crate::").skip(1).map(|rest| {
        let end = rest
            .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .unwrap_or(rest.len());
        rest[..end].to_owned()
    })
}

#[test]
fn imports_point_one_way() {
    let mut broken = Vec::new();
    for line in lines().iter().filter(|line| line.room != "lib") {
        let allowed = ROOMS
            .iter()
            .find(|(room, _)| *room == line.room)
            .map(|(_, allowed)| *allowed);
        let Some(allowed) = allowed else {
            broken.push(format!(
                "src/{}: a room that the rules do not know",
                line.file.display()
            ));
            continue;
        };
        for room in imported(&line.code) {
            if room != line.room && !allowed.contains(&room.as_str()) {
                broken.push(format!(
                    "src/{}:{}: `{}` must not import `{room}`",
                    line.file.display(),
                    line.number,
                    line.room
                ));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_rules_themselves_have_no_circle() {
    for (index, (room, allowed)) in ROOMS.iter().enumerate() {
        let above: Vec<&str> = ROOMS[..index].iter().map(|(room, _)| *room).collect();
        for other in *allowed {
            assert!(
                above.contains(other),
                "`{room}` may import `{other}`, which does not stand above it"
            );
        }
    }
}

#[test]
fn every_room_has_a_row_in_the_table() {
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
    let mut rooms: Vec<String> = fs::read_dir(root.join("src"))
        .expect("the source")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| !path.ends_with("lib.rs"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            format!("src/{name}{}", if path.is_dir() { "/" } else { "" })
        })
        .collect();
    rooms.sort();
    assert_eq!(named, rooms, "the rooms in CONTRIBUTING.md, and those of the source");
}

#[test]
fn some_things_are_done_in_one_room_only() {
    let mut broken = Vec::new();
    for line in lines() {
        for (name, owners) in OWNERS {
            if line.code.contains(name) && !owners.contains(&line.room.as_str()) {
                broken.push(format!(
                    "src/{}:{}: only {} may name `{name}`",
                    line.file.display(),
                    line.number,
                    owners.join(" and ")
                ));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for line in lines().iter().filter(|line| line.number == 1) {
        let text = fs::read_to_string(root.join(&line.file)).expect("a source file");
        assert!(
            text.starts_with("//! "),
            "src/{} has no `//!` sentence at its head",
            line.file.display()
        );
    }
}
