//! The runner of the cases: reads the files, plays each case on a stage of its own, reports all that fail together.

// Each of these is a room of one program.
#![allow(unreachable_pub)]

pub mod cast;
pub mod cli;
pub mod format;
pub mod outcome;
pub mod stage;
pub mod verdict;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use format::{Case, File};

/// Fewer than this, and a file was lost.
const AT_LEAST: usize = 500;

/// All cases, file by file. `ROLENV_CASES=text` picks those whose file or name holds the text.
pub fn load() -> Vec<Case> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&directory)
        .expect("the directory of the cases")
        .map(|entry| entry.expect("a file of cases").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        for case in parse(&name, &text).unwrap_or_else(|error| panic!("{error}")) {
            let twice = cases.iter().any(|other: &Case| other.to_string() == case.to_string());
            assert!(!twice, "{case}: there are two cases of this name");
            cases.push(case);
        }
    }
    match std::env::var("ROLENV_CASES") {
        Ok(wanted) => cases.retain(|case| case.to_string().contains(&wanted)),
        Err(_) => assert!(cases.len() >= AT_LEAST, "only {} cases", cases.len()),
    }
    cases
}

/// The cases of one file.
pub fn parse(name: &str, text: &str) -> Result<Vec<Case>, String> {
    let file: File = toml::from_str(text).map_err(|error| format!("{name}: {error}"))?;
    let mut cases = file.case;
    for case in &mut cases {
        name.clone_into(&mut case.file);
        case.check().map_err(|error| format!("{case}: {error}"))?;
    }
    Ok(cases)
}

/// Tries every case, several at a time.
///
/// # Panics
/// With all that failed, sorted as the cases are.
pub fn for_each(cases: &[Case], threads: usize, attempt: impl Fn(&Case) -> Result<(), String> + Sync) {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((index, case)) = next_of(cases, &next) {
                    if let Err(error) = attempt(case) {
                        failed.lock().expect("no thread panics here").push((index, error));
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().expect("no thread panics here");
    failed.sort();
    let mut report = String::new();
    for (index, error) in &failed {
        let _ = writeln!(report, "\n{}\n    {}", cases[*index], error.replace('\n', "\n    "));
    }
    assert!(
        failed.is_empty(),
        "{} of {} cases failed\n{report}",
        failed.len(),
        cases.len()
    );
}

fn next_of<'cases>(cases: &'cases [Case], next: &AtomicUsize) -> Option<(usize, &'cases Case)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    Some((index, cases.get(index)?))
}
