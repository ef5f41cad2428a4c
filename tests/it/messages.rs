//! Help in full, and which messages of the source no golden file shows.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Home, Run, golden, rolenv};

#[test]
fn help_of_every_command() {
    let home = Home::empty().set("COLUMNS", "80");
    for command in [
        &[][..],
        &["assume"],
        &["clear"],
        &["explain"],
        &["status"],
        &["cache"],
        &["cache", "list"],
        &["cache", "clear"],
        &["version"],
    ] {
        let run = Run::of(home.command(rolenv()).arg("help").args(command));
        assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{run:?}");
        let wide = run.stdout.lines().filter(|line| line.chars().count() > 80);
        assert_eq!(wide.collect::<Vec<_>>(), Vec::<&str>::new());
        let name = [&["help"][..], command].concat().join("-");
        golden::check(&name, &run.stdout);
    }
}

/// A test that was renamed or deleted leaves no golden file behind.
#[cfg(target_os = "linux")]
#[test]
fn every_golden_file_belongs_to_a_test() {
    let program = std::env::current_exe().expect("this program");
    let list = std::process::Command::new(program)
        .arg("--list")
        .output()
        .expect("the tests");
    let list = String::from_utf8(list.stdout).expect("text");
    let tests: BTreeSet<String> = list
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .map(|name| name.replace("::", "/"))
        .collect();
    assert!(tests.len() > 300, "{list}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/it");
    let orphans: Vec<PathBuf> = files(&root, "txt")
        .into_iter()
        .filter(|path| {
            let name = path.strip_prefix(&root).expect("a path below it").with_extension("");
            !tests.contains(&*name.to_string_lossy())
        })
        .collect();
    assert!(orphans.is_empty(), "{orphans:#?}");
}

/// The list is a golden file itself: a new message that no test triggers changes it, and so does a test that covers one.
#[test]
fn messages_that_no_golden_file_shows() {
    if golden::is_blessing() {
        // Other tests are writing the files at the same time: bless this one alone, after them.
        let only_this = std::env::args().any(|argument| argument.contains("messages_that_no_golden_file_shows"));
        if !only_this {
            return;
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shown: String = files(&root.join("tests/golden"), "txt")
        .iter()
        .filter(|path| !path.ends_with("uncovered.txt"))
        .map(|path| fs::read_to_string(path).expect("a golden file"))
        .collect();
    let shown = words(&shown);
    let mut uncovered = String::new();
    let mut count = 0;
    for path in files(&root.join("src"), "rs") {
        if path.ends_with("tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a source file");
        let relative = path
            .strip_prefix(root)
            .expect("a path of the source")
            .to_string_lossy()
            .replace('\\', "/");
        for message in messages(&text) {
            count += 1;
            let longest = message
                .split(['{', '}'])
                .step_by(2)
                .max_by_key(|part| part.len())
                .unwrap_or_default();
            if !shown.contains(words(longest).trim()) {
                let _ = writeln!(uncovered, "{relative}: {message}");
            }
        }
    }
    assert!(count > 200, "the messages are read: {count}");
    golden::check("uncovered", &uncovered);
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The string literals that are sentences: at least three words.
fn messages(source: &str) -> BTreeSet<String> {
    let code: String = source
        .lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut found = BTreeSet::new();
    let mut rest = code.as_str();
    while let Some(start) = rest.find(['"', '\'']) {
        let quote = rest.as_bytes()[start];
        if quote == b'\'' {
            // A character or a lifetime.
            let length = match rest[start + 1..].strip_prefix('\\') {
                Some(escaped) => escaped.find('\'').map_or(2, |end| end + 3),
                None if rest[start + 1..].chars().nth(1) == Some('\'') => {
                    2 + rest[start + 1..].chars().next().map_or(1, char::len_utf8)
                }
                None => 1,
            };
            rest = &rest[start + length..];
            continue;
        }
        let body = &rest[start + 1..];
        let mut end = 0;
        let bytes = body.as_bytes();
        while end < bytes.len() && bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let literal = body[..end.min(body.len())]
            .replace("\\\n", " ")
            .replace("\\n", " ")
            .replace("\\\"", "\"");
        let literal = words(&literal);
        if literal.split(' ').count() >= 3 && literal.chars().any(char::is_lowercase) {
            found.insert(literal);
        }
        rest = &body[(end + 1).min(body.len())..];
    }
    found
}

fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
