//! Every case of `tests/cases/*.toml`: what rolenv does, and that the AWS CLI does the same. `tests/cases/README.md`
//! tells how to add one.

mod cases_support;
#[path = "it/support/mod.rs"]
#[allow(dead_code, unused_macros, reason = "the cases need a part of it")]
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use cases_support::cli;
use cases_support::format::{Case, Cli};
use cases_support::outcome::Outcome;
use cases_support::stage::Stage;
use cases_support::verdict;
use support::golden;

#[test]
fn rolenv_does_what_the_cases_say() {
    let cases = cases_support::load();
    let messages = Mutex::new(BTreeMap::new());
    cases_support::for_each(&cases, 4, |case| {
        let stage = Stage::set(case)?;
        let seen = stage.rolenv(case);
        let mut messages = messages.lock().expect("no thread panics here");
        messages.insert(case.to_string(), seen.run.stderr.trim_end().to_owned());
        drop(messages);
        verdict::judge(case, &stage, &seen)
    });
    if std::env::var_os("ROLENV_CASES").is_some() {
        eprintln!("SKIPPED: the golden files are of all cases");
        return;
    }
    let messages = messages.into_inner().expect("no thread panics here");
    for cases in cases.chunk_by(|one, other| one.file == other.file) {
        let section = |case: &Case| format!("{}\n{}\n", case.name, messages[&case.to_string()]);
        let text: Vec<String> = cases.iter().map(section).collect();
        let name = cases[0].file.trim_end_matches(".toml");
        golden::check(&format!("cases/{name}"), &text.join("\n"));
    }
}

fn play(case: &Case) -> Result<(), String> {
    let stage = Stage::set(case)?;
    verdict::judge(case, &stage, &stage.rolenv(case))
}

/// The cases would prove nothing if whatever they said were found.
#[test]
fn a_wrong_case_is_told() {
    for (wrong, told) in [
        ("requests = [{ RoleArn = '{middle}' }]", "role/middle"),
        (
            "requests = [{ RoleArn = '{target}', ExternalId = 'x1' }]",
            "ExternalId=x1",
        ),
        (
            "requests = [{ RoleArn = '{target}', signer = 'other' }]",
            "AssumeRole by other",
        ),
        (
            "requests = [{ RoleArn = '{target}', region = 'eu-west-1' }]",
            "in eu-west-1",
        ),
        ("requests = []", "without a request"),
        (
            "exports = { keys = 'base' }",
            "then it is arn:aws:iam::111111111111:user/base",
        ),
        ("exports = { region = 'eu-west-1' }", "expected AWS_REGION"),
        ("notes = ['careful']", "expected the note: careful"),
        ("error = ['denied']", "expected status 1"),
        ("args = ['gone']", "expected success"),
        ("config = '{taget}'", "`{taget}` stands for nothing"),
        ("credential = ''", "unknown field `credential`"),
        ("cli = 'differs'", "`cli = \"differs\"` and `why` go together"),
        ("requests = [{ roleArn = 'x' }]", "a request has no `roleArn`"),
    ] {
        let text = format!("[[case]]\nname = 'wrong'\n{wrong}\n");
        let found = cases_support::parse("x.toml", &text).and_then(|cases| cases.iter().try_for_each(play));
        let error = found.err().unwrap_or_else(|| panic!("{wrong} was found"));
        assert!(error.contains(told), "{wrong}: {error}");
    }
}

/// `cli = "same"` holds if the CLI, too, does what the case says: the same requests, and the same identity comes out, or
/// it gives up. `cli = "differs"` holds if it does not: a reason that is none any more has to go.
#[test]
fn the_aws_cli_does_the_same() {
    let Some(aws) = support::tool("aws") else {
        return;
    };
    let mut cases = cases_support::load();
    cases.retain(Case::is_for_the_cli);
    cases_support::for_each(&cases, 3, |case| compare(case, &aws));
}

fn compare(case: &Case, aws: &Path) -> Result<(), String> {
    let stage = Stage::set(case)?;
    let expected = Outcome::expected(case, &stage)?;
    let (seen, stderr) = cli::run(case, &stage, aws);
    match (case.cli, seen == expected) {
        (Cli::Same, false) => Err(format!(
            "expected of the AWS CLI:{expected}\ngot:{seen}\n{}",
            stderr.trim()
        )),
        (Cli::Differs, true) => Err(format!("the AWS CLI does not differ any more:{seen}")),
        _ => Ok(()),
    }
}
