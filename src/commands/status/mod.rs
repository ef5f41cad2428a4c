//! `rolenv status`: the identity in this shell: expiration, problems, and what `clear` would restore. Only reads the
//! environment, unless `--verify` is given.

mod json;
mod problems;
mod read;
mod report;
mod text;

use time::OffsetDateTime;

use super::Context;
use crate::aws::{Aws, AwsError, RefusalKind};
use crate::cli;
use crate::config::{Files, Profiles};
use crate::error::Error;
use crate::output::{Done, Output};
use crate::plan::environment_credentials;
use crate::terminal::Terminal;
use report::{Identity, Status};

/// The exit status if the variables hold no credentials.
const NO_CREDENTIALS: u8 = 3;

pub(super) fn run(options: &cli::StatusArgs, context: &Context<'_>) -> Done {
    let mut status = Status::read(context.environment, OffsetDateTime::now_utc());
    let mut exit_status = 0;
    if options.verify {
        match identity(context, &Terminal::new(options.quiet)) {
            Ok(Some(identity)) => status.verified(identity),
            Ok(None) => status.unverified(),
            Err(Error::Aws(AwsError::Refused {
                reason,
                hint,
                refusal: RefusalKind::Keys | RefusalKind::Denied,
                ..
            })) => status.refused(&reason, hint),
            // The status of the environment is shown anyway.
            Err(error) => {
                status.unverified();
                Terminal::error(&error, error.hint().as_deref());
                exit_status = error.exit_status();
            }
        }
    }
    let renew = renew(&status, context);
    Done {
        output: if options.json {
            Output::Json(json::to_json(&status, renew.as_deref()))
        } else {
            Output::Text(text::to_text(&status, renew.as_deref()))
        },
        exit_status: match (status.is_ok(), &status.access_key) {
            (false, _) => 1,
            (true, None) => exit_status.max(NO_CREDENTIALS),
            (true, Some(_)) => exit_status,
        },
    }
}

/// The identity according to STS; `None` without credentials.
fn identity(context: &Context<'_>, terminal: &Terminal) -> Result<Option<Identity>, Error> {
    let files = Files::read(context.environment)?;
    let profiles = Profiles::parse(&files);
    let Some((keys, endpoint_config)) = environment_credentials(context.environment, &profiles)? else {
        return Ok(None);
    };
    let aws = Aws::new(&endpoint_config, String::new(), terminal.waits("a response from AWS"));
    let answer = aws.get_caller_identity(&endpoint_config, &keys, "this shell");
    if let Some(note) = aws.clock_note(answer.as_ref().err()) {
        terminal.note(note);
    }
    let answer = answer?;
    Ok(Some(Identity {
        arn: answer.arn,
        account: answer.account,
        user_id: answer.user_id,
    }))
}

/// The command that renews the session, if that is due.
fn renew(status: &Status, context: &Context<'_>) -> Option<String> {
    let target = status.target.clone().filter(|_| status.is_due())?;
    let [request, _] = context.environment.requests();
    let mut words = vec!["assume".to_owned()];
    match request.first() {
        Some(requested) if *requested == target => words.extend(request.iter().cloned()),
        _ => words.push(target),
    }
    words.extend(status.takes_refresh().then(|| "--refresh".to_owned()));
    Some(context.line_to_type(None, words))
}
