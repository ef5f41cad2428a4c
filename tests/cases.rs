//! Every case of `tests/cases/*.toml`: what rolenv does, and that the AWS CLI does the same. `tests/cases/README.md`
//! tells how to add one.

mod cases_support;
mod support;

use std::path::Path;

use cases_support::cli;
use cases_support::format::{Case, Cli};
use cases_support::stage::Stage;
use cases_support::verdict;

#[test]
fn rolenv_does_what_the_cases_say() {
    let cases = cases_support::load();
    cases_support::for_each(&cases, 4, |case| {
        let stage = Stage::set(case)?;
        verdict::judge(case, &stage, &stage.rolenv(case))
    });
}

/// `cli = "same"` holds if the CLI makes the same requests and ends as the same identity, or gives up where rolenv
/// does. `cli = "differs"` holds if it does not: a reason that is none any more has to go.
#[test]
fn the_aws_cli_does_the_same() {
    let Some(aws) = support::tool("aws") else {
        return;
    };
    let mut cases = cases_support::load();
    cases.retain(|case| case.is_for_the_cli());
    cases_support::for_each(&cases, 3, |case| compare(case, &aws));
}

fn compare(case: &Case, aws: &Path) -> Result<(), String> {
    let own_stage = Stage::set(case)?;
    let ours = own_stage.turn(own_stage.rolenv(case));
    let its_stage = Stage::set(case)?;
    let theirs = cli::run(case, &its_stage, aws);
    let same = ours.outcome == theirs.outcome;
    match case.cli {
        Cli::Same if !same => Err(format!(
            "expected the AWS CLI to do the same\nrolenv: {ours}\naws:    {theirs}"
        )),
        Cli::Differs if same => Err(format!(
            "expected the AWS CLI to differ, but both do this\n{ours}\naws:    {theirs}"
        )),
        _ => Ok(()),
    }
}
