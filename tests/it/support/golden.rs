//! Complete outputs in `tests/golden`: the only place where the wording of messages, help and tables is checked.
//! `BLESS=1 cargo test` rewrites them.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::LazyLock;

use regex_lite::Regex;

use crate::support::Run;

/// What differs from run to run, and what is written instead.
static VOLATILE: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"/[^ `'\n]*/\.tmp[A-Za-z0-9]{6}", "~"),
        (r"/[^ `'\n]*/rolenv ", "rolenv "),
        (r"/[^ `'\n]*/rolenv\n", "rolenv\n"),
        (r"127\.0\.0\.1:\d{2,5}", "127.0.0.1:PORT"),
        (r"localhost:\d{2,5}", "localhost:PORT"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", "TIME"),
        (r"\b\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?\b", "TIME"),
        (r"\b(\d+h )?(\d+m )?\d+[hms] left\b", "LEFT left"),
        (r"\bin (\d+h )?(\d+m )?\d+[hms], TIME", "in LEFT, TIME"),
        (r" for (\d+h )?(\d+m )?\d+[hms], until TIME", " for LEFT, until TIME"),
        (r"\b(ASIA|AKIA)\.\.\.[A-Z0-9]{4}\b", "$1...LAST"),
        (r"\b(ASIA|AIDA|AROA)[A-Z0-9]{12,}\b", "${1}ID"),
        (r"\b\d{8}T\d{6}Z\b", "TIME"),
        (r"/locks/\.rolenv-[0-9a-f]{40}\.lock", "/locks/.rolenv-SHA1.lock"),
        (r"\b[0-9a-f]{40}\b", "SHA1"),
        (r"src/[a-z_/]+\.rs:\d+:\d+", "src/FILE.rs:LINE"),
        (r"process \d+", "process PID"),
    ]
    .into_iter()
    .map(|(pattern, text)| (Regex::new(pattern).expect("a pattern"), text))
    .collect()
});

/// The text without what differs from run to run.
pub fn stable(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, replacement) in VOLATILE.iter() {
        text = pattern.replace_all(&text, *replacement).into_owned();
    }
    text
}

pub fn is_blessing() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value == "1")
}

pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(format!("{name}.txt"))
}

/// Fails unless the golden file `name` is this text.
pub fn check(name: &str, text: &str) {
    check_file(&format!("tests/golden/{name}.txt"), &stable(text));
}

/// The same for any file of the project, with all that may differ.
pub fn check_file(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name);
    if is_blessing() {
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        std::fs::write(&path, text).expect("a golden file");
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_same(name, &expected, text);
}

/// Shows the first line that differs, in its place.
fn assert_same(name: &str, expected: &str, found: &str) {
    if expected == found {
        return;
    }
    let (mut expected, mut found) = (expected.lines(), found.lines());
    let mut number = 1;
    loop {
        match (expected.next(), found.next()) {
            (Some(one), Some(other)) if one == other => number += 1,
            (one, other) => {
                let [one, other] = [one, other].map(|line| line.unwrap_or("(the end)"));
                panic!("{name}, line {number}; `BLESS=1 cargo test` rewrites it\nexpected: {one}\n   found: {other}");
            }
        }
    }
}

/// How far a test has come in its golden file.
struct Progress {
    name: String,
    text: String,
}

thread_local! {
    static PROGRESS: RefCell<Option<Progress>> = const { RefCell::new(None) };
}

/// Fails unless the command line and the standard error of a run are the next ones in the golden file of this test.
pub fn record(run: &Run) {
    // What a shell evaluates is none of the user's reading.
    let is_read = ["explain", "status", "cache", "help", "version"].iter();
    let stdout = match run.command.split(' ').nth(1) {
        Some(command) if is_read.clone().any(|name| *name == command) => run.stdout.trim_end(),
        _ => "",
    };
    let parts = [stdout, run.stderr.trim_end()]
        .into_iter()
        .filter(|part| !part.is_empty());
    let section = format!("$ {}\n{}\n", run.command, parts.collect::<Vec<_>>().join("\n"));
    record_text(&section);
}

/// The same for any text.
pub fn record_text(section: &str) {
    let thread = std::thread::current();
    let name = thread.name().expect("a test").replace("::", "/");
    PROGRESS.with_borrow_mut(|progress| {
        let progress = progress.get_or_insert_with(|| Progress {
            name: name.clone(),
            text: String::new(),
        });
        if progress.name != name {
            *progress = Progress {
                name: name.clone(),
                text: String::new(),
            };
        }
        let section = format!("{}\n", stable(section).trim_end());
        // Two assertions about one run are one section.
        if progress.text.ends_with(&format!("\n{section}")) || progress.text == section {
            return;
        }
        if !progress.text.is_empty() {
            progress.text.push('\n');
        }
        progress.text.push_str(&section);
        let name = format!("it/{name}");
        if is_blessing() {
            check(&name, &progress.text);
        } else {
            let expected = std::fs::read_to_string(path(&name)).unwrap_or_default();
            let length = progress.text.len().min(expected.len());
            let (start, _) = expected.split_at(length.min(floor(&expected, length)));
            assert_same(&format!("tests/golden/{name}.txt"), start, &progress.text);
        }
    });
}

/// The nearest character boundary.
fn floor(text: &str, length: usize) -> usize {
    (0..=length)
        .rev()
        .find(|index| text.is_char_boundary(*index))
        .unwrap_or(0)
}
